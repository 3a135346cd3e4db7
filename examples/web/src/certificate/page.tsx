import { useAsk, type Asked } from '../api/useAsk';
import { problemAt, type Problem } from '../api/problems';
import { isFragmentReady, readFragment } from '../gql';
import type { CertificateFactsFragment, CertificateHostsFragment, CertificatePageQuery } from '../gql/graphql';
import { CopyButton } from '../parts/copy';
import { Cost } from '../parts/cost';
import { Fact, Facts } from '../parts/facts';
import { countOf, More } from '../parts/list';
import { PageState } from '../parts/pageState';
import { Empty, Panel, Part } from '../parts/section';
import { present, visible } from '../parts/text';
import { Day } from '../parts/time';
import { VerdictBadge, verdictOf } from '../parts/verdict';
import { Picture } from '../picture/panel';
import type { Learned } from '../picture/model';
import { same, type Thing } from '../routing/route';
import { Trail } from '../routing/trail';
import { ThingLink, TrailProvider } from '../routing/useRoute';
import { CertificateFacts, CertificateHosts, CertificatePage, MoreHosts } from './documents';

type Certificate = NonNullable<CertificatePageQuery['sslCertificate']>;
type Hosts = CertificateHostsFragment['relatedHosts'];

/** A certificate, and the hosts that showed it. */
export function CertificateView({ id, trail }: { id: string; trail: Thing[] }) {
  const asked = useAsk(CertificatePage, { id });
  const found = asked.data?.sslCertificate;
  const facts = found && readFragment(CertificateFacts, found);
  const here: Thing = { kind: 'certificate', id: facts?.id ?? id };
  return (
    <TrailProvider trail={[...trail.filter((thing) => !same(thing, here)), here]}>
      <Trail trail={trail} here={here} label={facts ? nameOf(facts) : undefined} />
      <header className="page-head">
        <div>
          <h1><bdi>{facts ? nameOf(facts) : 'Certificate'}</bdi></h1>
          <p className="sub">Certificate {facts?.sha1 && <code>{facts.sha1}</code>}</p>
        </div>
        {facts?.sha1 && <div className="actions"><CopyButton text={facts.sha1} /></div>}
      </header>
      <PageState asked={asked} path={['sslCertificate']} value={found} what="This certificate">
        {(certificate) => (
          <div className="grid">
            <div className="column">
              <RelatedHosts certificate={certificate} id={here.id} asked={asked} />
            </div>
            <div className="column">
              <FactsOf certificate={readFragment(CertificateFacts, certificate)} />
              <Picture here={here} trail={trail} learned={linksOf(readFragment(CertificateFacts, certificate), hostsOf(certificate))} />
            </div>
          </div>
        )}
      </PageState>
      <Cost asked={asked} />
    </TrailProvider>
  );
}

type Reputation = NonNullable<NonNullable<NonNullable<Hosts>['nodes'][number]>['reputation']>;

/** A reputation that could not be fetched is not unknown. */
function HostVerdict({ reputation, problem }: { reputation: Reputation | null; problem: Problem | undefined }) {
  if (problem) return <span className="tag warn" title={problem.message}>not fetched</span>;
  return <VerdictBadge verdict={verdictOf(reputation)} score={reputation?.score} />;
}

const nameOf = ({ subject, sha1 }: CertificateFactsFragment): string => visible(subject?.commonName ?? sha1 ?? 'Unnamed certificate');

const hostsOf = (certificate: Certificate): Hosts | undefined =>
  isFragmentReady(CertificatePage, CertificateHosts, certificate) ? readFragment(CertificateHosts, certificate).relatedHosts : undefined;

const linksOf = (certificate: CertificateFactsFragment, hosts: Hosts | undefined): Learned => ({
  label: nameOf(certificate),
  links: present(hosts?.nodes).map(({ id, reputation }) => ({ thing: { kind: 'host', id }, verdict: verdictOf(reputation), by: 'showed' })),
});

function FactsOf({ certificate }: { certificate: CertificateFactsFragment }) {
  const names = present(certificate.subject?.alternateNames);
  return (
    <Panel title="Certificate">
      <div className="panel-body">
        <Facts>
          <Fact name="Subject">{certificate.subject && visible([certificate.subject.commonName, certificate.subject.organizationName].filter(Boolean).join(', '))}</Fact>
          <Fact name="Issuer">{certificate.issuer && visible([certificate.issuer.commonName, certificate.issuer.organizationName].filter(Boolean).join(', '))}{certificate.isSelfSigned && <> <span className="tag warn">self-signed</span></>}</Fact>
          <Fact name="Valid from"><Day time={certificate.issueDateTime} /></Fact>
          <Fact name="Expires"><Day time={certificate.expirationDateTime} />{certificate.isExpired && <> <span className="tag warn">expired</span></>}</Fact>
          <Fact name="First seen"><Day time={certificate.firstSeenDateTime} /></Fact>
          <Fact name="Last seen"><Day time={certificate.lastSeenDateTime} /></Fact>
          <Fact name="Serial number">{certificate.serialNumber && <code>{certificate.serialNumber}</code>}</Fact>
          <Fact name="Other names">{names.length > 0 && visible(names.join(', '))}</Fact>
        </Facts>
      </div>
    </Panel>
  );
}

function RelatedHosts({ certificate, id, asked }: { certificate: Certificate; id: string; asked: Asked<CertificatePageQuery> }) {
  const hosts = hostsOf(certificate);
  return (
    <Panel title="Hosts that showed it" note={hosts && countOf(hosts)}>
      <Part what="related hosts" asked={asked} path={['sslCertificate', 'relatedHosts']} value={hosts} rows={6}>
        {(list) => list.nodes.length === 0 ? <Empty>No host with this certificate was seen.</Empty> : (
          <>
            <table>
              <thead><tr><th scope="col">Host</th><th scope="col">Reputation</th></tr></thead>
              <tbody>
                {present(list.nodes).map((host) => (
                  <tr key={host.id}>
                    <td><ThingLink thing={{ kind: 'host', id: host.id }} /></td>
                    <td><HostVerdict reputation={host.reputation} problem={problemAt(asked.problems, ['sslCertificate', 'relatedHosts', 'nodes', list.nodes.indexOf(host), 'reputation'])} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
            <More what="hosts" connection={list} document={MoreHosts} variables={{ id }} />
          </>
        )}
      </Part>
    </Panel>
  );
}
