import { useAsk } from '../api/useAsk';
import { readFragment } from '../gql';
import { Cost } from '../parts/cost';
import { PageState } from '../parts/pageState';
import { Empty, Panel } from '../parts/section';
import { present, visible } from '../parts/text';
import { Day } from '../parts/time';
import { ThingLink } from '../routing/useRoute';
import { ByFingerprint, CertificateFacts } from './documents';

/** The certificates with a SHA-1 fingerprint: one, as a rule. */
export function FingerprintView({ sha1 }: { sha1: string }) {
  const asked = useAsk(ByFingerprint, { sha1 });
  return (
    <>
      <header className="page-head">
        <div><h1><bdi>{sha1}</bdi></h1><p className="sub">SHA-1 fingerprint of a certificate</p></div>
      </header>
      <PageState asked={asked} path={['sslCertificates']} value={asked.data?.sslCertificates} what={sha1}>
        {({ nodes }) => (
          <Panel title="Certificates">
            {nodes.length === 0 && <Empty>Microsoft has not seen a certificate with this fingerprint. If it is the hash of a file, it cannot be searched for here. Unknown does not mean harmless.</Empty>}
            <ul className="rows">
              {present(nodes).map((node) => readFragment(CertificateFacts, node)).map((certificate) => (
                <li key={certificate.id}>
                  <ThingLink thing={{ kind: 'certificate', id: certificate.id }}>{visible(certificate.subject?.commonName ?? sha1)}</ThingLink>
                  <span className="quiet">last seen <Day time={certificate.lastSeenDateTime} /></span>
                </li>
              ))}
            </ul>
          </Panel>
        )}
      </PageState>
      <Cost asked={asked} />
    </>
  );
}
