import { useAsk } from '../api/useAsk';
import { readFragment } from '../gql';
import { PageState } from '../parts/pageState';
import { Cost } from '../parts/cost';
import { Picture } from '../picture/panel';
import { TrailProvider } from '../routing/useRoute';
import { same, type Thing } from '../routing/route';
import { Trail } from '../routing/trail';
import { Certificates } from './certificates';
import { DnsTimeline } from './dns';
import { HostPage, HostReputation } from './documents';
import { HostHead, Owner } from './head';
import { linksOfHost } from './links';
import { Ports } from './ports';
import { Reputation } from './reputation';
import { Subdomains, Trackers } from './lists';
import { Whois } from './whois';

/** All that is known about a host. Mounted anew for each host. */
export function HostView({ id, trail }: { id: string; trail: Thing[] }) {
  const asked = useAsk(HostPage, { id });
  const host = asked.data?.host;
  const here: Thing = { kind: 'host', id: host?.id ?? id };
  const way = [...trail.filter((thing) => !same(thing, here)), here];
  return (
    <TrailProvider trail={way}>
      <Trail trail={trail} here={here} />
      <HostHead id={id} host={host} asked={asked} />
      <PageState asked={asked} path={['host']} value={host} what={id}>
        {(found) => (
          <div className="grid">
            <div className="column">
              <Reputation asked={asked} reputation={readFragment(HostReputation, found).reputation} />
              <Ports host={found} asked={asked} />
              <Certificates host={found} asked={asked} />
              <DnsTimeline host={found} asked={asked} />
              <Whois host={found} asked={asked} />
            </div>
            <div className="column">
              <Owner host={found} />
              <Picture here={here} trail={trail} learned={linksOfHost(found, asked.problems)} />
              <Subdomains host={found} asked={asked} />
              <Trackers host={found} asked={asked} />
            </div>
          </div>
        )}
      </PageState>
      <Cost asked={asked} />
    </TrailProvider>
  );
}
