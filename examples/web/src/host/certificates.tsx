import type { HostCertificatesFragment } from '../gql/graphql';
import { countOf, More } from '../parts/list';
import { Empty, Panel, Part } from '../parts/section';
import { present, visible } from '../parts/text';
import { Day } from '../parts/time';
import { ThingLink } from '../routing/useRoute';
import { HostCertificates, MoreCertificates } from './documents';
import { arrived, type PartOfHost } from './parts';

type Shown = NonNullable<NonNullable<HostCertificatesFragment['sslCertificates']>['nodes'][number]>;

export function Certificates({ host, asked }: PartOfHost) {
  const certificates = arrived(HostCertificates, host)?.sslCertificates;
  return (
    <Panel title="Certificates" note={certificates && countOf(certificates)}>
      <Part what="certificates" asked={asked} path={['host', 'sslCertificates']} value={certificates}>
        {(list) => list.nodes.length === 0 ? <Empty>The host showed no certificate to scans.</Empty> : (
          <>
            <div className="scroll">
              <table>
                <thead><tr><th scope="col">Certificate</th><th scope="col">Issuer</th><th scope="col">Ports</th><th scope="col">Seen here</th><th scope="col">Expires</th></tr></thead>
                <tbody>{present(list.nodes).map((shown) => <CertificateRow key={shown.id} shown={shown} />)}</tbody>
              </table>
            </div>
            <More what="certificates" connection={list} document={MoreCertificates} variables={{ id: host.id }} />
          </>
        )}
      </Part>
    </Panel>
  );
}

function CertificateRow({ shown }: { shown: Shown }) {
  const certificate = shown.sslCertificate;
  return (
    <tr>
      <td>
        {certificate ? <ThingLink thing={{ kind: 'certificate', id: certificate.id }}>{visible(certificate.subject?.commonName ?? certificate.sha1 ?? 'Unnamed')}</ThingLink> : <span className="quiet">not known</span>}
        {certificate?.isSelfSigned && <> <span className="tag warn">self-signed</span></>}
      </td>
      <td>{visible(certificate?.issuer?.commonName ?? '–')}</td>
      <td className="mono">{present(shown.ports).map(({ port }) => port).join(', ') || '–'}</td>
      <td><Day time={shown.firstSeenDateTime} /> to <Day time={shown.lastSeenDateTime} /></td>
      <td><Day time={certificate?.expirationDateTime} />{certificate?.isExpired && <> <span className="tag">expired</span></>}</td>
    </tr>
  );
}
