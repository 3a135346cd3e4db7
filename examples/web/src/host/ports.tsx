import type { HostPortsFragment } from '../gql/graphql';
import { countOf, More } from '../parts/list';
import { Empty, Panel, Part } from '../parts/section';
import { present, visible } from '../parts/text';
import { Day } from '../parts/time';
import { ThingLink } from '../routing/useRoute';
import { HostPorts, MorePorts } from './documents';
import { arrived, type PartOfHost } from './parts';

type Port = NonNullable<NonNullable<HostPortsFragment['ports']>['nodes'][number]>;

export function Ports({ host, asked }: PartOfHost) {
  const ports = arrived(HostPorts, host)?.ports;
  return (
    <Panel title="Open ports" note={ports && `${countOf(ports)}, newest first`}>
      <Part what="open ports" asked={asked} path={['host', 'ports']} value={ports} rows={6}>
        {(list) => list.nodes.length === 0 ? <Empty>Scans found no open port. The host may be filtered, or was not scanned.</Empty> : (
          <>
            <div className="scroll">
              <table>
                <thead><tr><th scope="col">Port</th><th scope="col">Software</th><th scope="col">First seen</th><th scope="col">Last seen</th><th scope="col">Certificate</th></tr></thead>
                <tbody>{present(list.nodes).map((port) => <PortRow key={port.id} port={port} />)}</tbody>
              </table>
            </div>
            <More what="ports" connection={list} document={MorePorts} variables={{ id: host.id }} />
          </>
        )}
      </Part>
    </Panel>
  );
}

function PortRow({ port }: { port: Port }) {
  const certificate = port.mostRecentSslCertificate;
  return (
    <tr>
      <td className="mono"><strong>{port.port ?? '?'}</strong><span className="quiet">/{(port.protocol ?? 'unknown').toLowerCase()}</span></td>
      <td><Software port={port} /></td>
      <td><Day time={port.firstSeenDateTime} /></td>
      <td><Day time={port.lastSeenDateTime} /></td>
      <td>{certificate ? <ThingLink thing={{ kind: 'certificate', id: certificate.id }}>Certificate</ThingLink> : <span className="quiet">none</span>}</td>
    </tr>
  );
}

function Software({ port }: { port: Port }) {
  const names = present(port.services).map(({ component }) => [component?.name, component?.version].filter(Boolean).join(' ')).filter(Boolean);
  const banners = present(port.banners).map(({ banner }) => banner?.trim()).filter((banner) => banner !== undefined && banner !== '');
  return (
    <>
      {names.length > 0 ? names.map(visible).join(', ') : <span className="quiet">not recognized</span>}
      {banners.length > 0 && (
        <details className="banner">
          <summary>{banners.length === 1 ? 'Banner' : `${banners.length} banners`}</summary>
          {banners.map((banner, i) => <pre key={i}>{visible(banner ?? '')}</pre>)}
        </details>
      )}
    </>
  );
}
