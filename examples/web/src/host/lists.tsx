import { countOf, More } from '../parts/list';
import { Empty, Panel, Part } from '../parts/section';
import { present, visible } from '../parts/text';
import { Day } from '../parts/time';
import { ThingLink } from '../routing/useRoute';
import { HostSubdomains, HostTrackers, MoreSubdomains, MoreTrackers } from './documents';
import { arrived, type PartOfHost } from './parts';
import { subdomainName } from './subdomain';

export function Subdomains({ host, asked }: PartOfHost) {
  const subdomains = arrived(HostSubdomains, host)?.subdomains;
  return (
    <Panel title="Subdomains" note={subdomains && countOf(subdomains)}>
      <Part what="subdomains" asked={asked} path={['host', 'subdomains']} value={subdomains}>
        {(list) => list.nodes.length === 0 ? <Empty>No name below this one was seen.</Empty> : (
          <>
            <ul className="rows">
              {present(list.nodes).map((subdomain) => (
                <li key={subdomain.id}>
                  <ThingLink thing={{ kind: 'host', id: subdomainName(subdomain) }} />
                  <span className="quiet">since <Day time={subdomain.firstSeenDateTime} /></span>
                </li>
              ))}
            </ul>
            <More what="subdomains" connection={list} document={MoreSubdomains} variables={{ id: host.id }} />
          </>
        )}
      </Part>
    </Panel>
  );
}

export function Trackers({ host, asked }: PartOfHost) {
  const trackers = arrived(HostTrackers, host)?.trackers;
  return (
    <Panel title="Trackers" note={trackers && countOf(trackers)}>
      <Part what="trackers" asked={asked} path={['host', 'trackers']} value={trackers}>
        {(list) => list.nodes.length === 0 ? <Empty>No analytics account or other tracker was seen.</Empty> : (
          <>
            <ul className="rows">
              {present(list.nodes).map((tracker) => (
                <li key={tracker.id}>
                  <span><span className="quiet">{visible(tracker.kind ?? 'unknown kind')}</span> <bdi className="mono">{visible(tracker.value ?? '–')}</bdi></span>
                  <span className="quiet"><Day time={tracker.lastSeenDateTime} /></span>
                </li>
              ))}
            </ul>
            <More what="trackers" connection={list} document={MoreTrackers} variables={{ id: host.id }} />
          </>
        )}
      </Part>
    </Panel>
  );
}
