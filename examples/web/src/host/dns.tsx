import { problemAt } from '../api/problems';
import { readFragment } from '../gql';
import type { DnsRecordFragment } from '../gql/graphql';
import { countOf, More, type Connection } from '../parts/list';
import { Empty, Panel, Part } from '../parts/section';
import { present, visible } from '../parts/text';
import { Day } from '../parts/time';
import { ThingLink } from '../routing/useRoute';
import { DnsRecord, HostDns, MoreDns, MoreReverseDns } from './documents';
import { arrived, type PartOfHost } from './parts';
import { axisOf, placeOf, type Axis } from './axis';

type Records = Connection & { nodes: readonly (Parameters<typeof readFragment<typeof DnsRecord>>[1] | null)[] };

/** What the host resolved to, and what resolved to it, on one axis of time. */
export function DnsTimeline({ host, asked }: PartOfHost) {
  const dns = arrived(HostDns, host);
  const note = dns?.passiveDns && dns.passiveDnsReverse ? `${countOf(dns.passiveDns)} forward, ${countOf(dns.passiveDnsReverse)} reverse` : undefined;
  const axis = axisOf([...recordsOf(dns?.passiveDns), ...recordsOf(dns?.passiveDnsReverse)]);
  return (
    <Panel title="DNS timeline" note={note}>
      <Part what="DNS records" asked={asked} path={['host', 'passiveDns']} value={dns?.passiveDns}>
        {(list) => (
          <>
            <Timeline title="It resolved to" axis={axis} records={recordsOf(list)} empty="Sensors saw no record of this host." />
            <More what="records" connection={list} document={MoreDns} variables={{ id: host.id }} />
          </>
        )}
      </Part>
      {dns && !alike(asked) && (
        <Part what="reverse DNS records" asked={asked} path={['host', 'passiveDnsReverse']} value={dns.passiveDnsReverse}>
          {(list) => (
            <>
              <Timeline title="What resolved to it" axis={axis} records={recordsOf(list)} empty="Sensors saw no record that points to this host." />
              <More what="reverse records" connection={list} document={MoreReverseDns} variables={{ id: host.id }} />
            </>
          )}
        </Part>
      )}
    </Panel>
  );
}

/** Whether both lists failed for the same reason, which is then shown once. */
function alike({ problems }: PartOfHost['asked']): boolean {
  const [forward, reverse] = [problemAt(problems, ['host', 'passiveDns']), problemAt(problems, ['host', 'passiveDnsReverse'])];
  return forward !== undefined && forward.code === reverse?.code;
}

const recordsOf = (list: unknown): DnsRecordFragment[] =>
  present((list as Records | null | undefined)?.nodes).map((node) => readFragment(DnsRecord, node as never) as DnsRecordFragment);

type TimelineProps = { title: string; axis: Axis | null; records: DnsRecordFragment[]; empty: string };

function Timeline({ title, axis, records, empty }: TimelineProps) {
  return (
    <>
      <h3 className="sub-head">{title}</h3>
      {records.length === 0 ? <Empty>{empty}</Empty> : (
        <div className="scroll">
          <table className="timeline">
            <thead>
              <tr>
                <th scope="col">Type</th><th scope="col">Value</th><th scope="col">First seen</th><th scope="col">Last seen</th>
                <th className="axis" aria-hidden="true">{axis?.years.map(({ year, at }) => <span key={year} style={{ left: `${at}%` }}>{year}</span>)}</th>
              </tr>
            </thead>
            <tbody>{records.map((record) => <RecordRow key={record.id} record={record} axis={axis} />)}</tbody>
          </table>
        </div>
      )}
    </>
  );
}

function RecordRow({ record, axis }: { record: DnsRecordFragment; axis: Axis | null }) {
  const place = axis && placeOf(record, axis);
  return (
    <tr>
      <td><span className="tag">{visible(record.recordType ?? '?')}</span></td>
      <td className="value"><Target artifact={record.artifact} /></td>
      <td><Day time={record.firstSeenDateTime} /></td>
      <td><Day time={record.lastSeenDateTime} /></td>
      <td className="lane" aria-hidden="true">{place && <span style={{ left: `${place.from}%`, width: `${place.width}%` }} />}</td>
    </tr>
  );
}

function Target({ artifact }: { artifact: DnsRecordFragment['artifact'] }) {
  if (!artifact) return <span className="quiet">not known</span>;
  if (artifact.__typename === 'Hostname' || artifact.__typename === 'IpAddress') return <ThingLink thing={{ kind: 'host', id: artifact.id }} />;
  return <bdi className="mono">{visible(artifact.__typename === 'UnclassifiedArtifact' ? artifact.value ?? artifact.id : artifact.id)}</bdi>;
}
