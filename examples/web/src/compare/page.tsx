import { useAsk } from '../api/useAsk';
import { problemAt } from '../api/problems';
import { readFragment, type FragmentType } from '../gql';
import { HostReputation } from '../host/documents';
import { Cost } from '../parts/cost';
import { ProblemNotice } from '../parts/notice';
import { Panel, Skeleton } from '../parts/section';
import { count, visible } from '../parts/text';
import { Day } from '../parts/time';
import { VerdictBadge, verdictOf } from '../parts/verdict';
import type { Thing } from '../routing/route';
import { ThingLink, TrailProvider } from '../routing/useRoute';
import { Compared, ComparePage } from './documents';
import { compare, type Row, type Value } from './model';
import { properties, valuesOf } from './values';

type Side = FragmentType<typeof Compared> | null | undefined;

/** Two hosts side by side: first what they have in common, which is what links them. */
export default function CompareView({ hosts: [a, b] }: { hosts: [string, string] }) {
  const asked = useAsk(ComparePage, { a, b });
  const sides = [readFragment(Compared, asked.data?.a), readFragment(Compared, asked.data?.b)] as const;
  const [left, right] = sides.map((side) => (side ? valuesOf(side) : new Map<string, Value[] | undefined>()));
  const rows = compare(properties, left ?? new Map(), right ?? new Map());
  const shared = rows.filter((row) => row.shared.length > 0);
  const partial = asked.problems.find(({ path }) => path.length > 1); // a part of a host: the rest is compared
  const trail: Thing[] = [{ kind: 'host', id: a }];
  return (
    <TrailProvider trail={trail}>
      <header className="page-head"><div><h1><bdi>{a}</bdi> <span className="quiet">and</span> <bdi>{b}</bdi></h1></div></header>
      {asked.loading ? <Panel title="Looking them up"><Skeleton rows={8} what="both hosts" /></Panel> : (
        <div className="column">
          <div className="pair">
            {[a, b].map((id, i) => <SideHead key={i} id={id} side={i === 0 ? asked.data?.a : asked.data?.b} path={i === 0 ? 'a' : 'b'} asked={asked} />)}
          </div>
          {partial && <div className="page-notice"><ProblemNotice problem={partial} retry={asked.retry} /></div>}
          <Panel title="In common" note={count(shared.length, 'property', 'properties')}>
            {shared.length === 0 ? <p className="footnote">Nothing that is known of both is the same. That does not mean that they are unrelated.</p> : <Shared rows={shared} />}
          </Panel>
          <Panel title="Side by side">
            <div className="scroll">
              <table className="compare">
                <thead><tr><th scope="col">Property</th><th scope="col"><bdi>{a}</bdi></th><th scope="col"><bdi>{b}</bdi></th></tr></thead>
                <tbody>{rows.map((row) => <CompareRow key={row.what} row={row} />)}</tbody>
              </table>
            </div>
            <p className="footnote">Of long lists, the newest entries are compared.</p>
          </Panel>
        </div>
      )}
      <Cost asked={asked} />
    </TrailProvider>
  );
}

type SideProps = { id: string; side: Side; path: string; asked: ReturnType<typeof useAsk> };

function SideHead({ id, side, path, asked }: SideProps) {
  const host = readFragment(Compared, side);
  const problem = problemAt(asked.problems, [path]) ?? problemAt(asked.problems, [path, 'reputation']);
  return (
    <Panel title={id}>
      {problem && <ProblemNotice problem={problem} retry={asked.retry} />}
      {!problem && (
        <div className="panel-body side">
          <VerdictBadge verdict={verdictOf(host && readFragment(HostReputation, host).reputation)} score={host && readFragment(HostReputation, host).reputation?.score} />
          {host ? <span className="quiet">seen <Day time={host.firstSeenDateTime} /> to <Day time={host.lastSeenDateTime} /></span> : <span>Not known to Microsoft. That does not mean harmless.</span>}
          {host && <ThingLink thing={{ kind: 'host', id: host.id }}>Open</ThingLink>}
        </div>
      )}
    </Panel>
  );
}

function Shared({ rows }: { rows: Row[] }) {
  return (
    <ul className="rows shared">
      {rows.map(({ what, shared }) => <li key={what}><span className="quiet">{what}</span><Values values={shared} shared={[]} /></li>)}
    </ul>
  );
}

function CompareRow({ row }: { row: Row }) {
  return (
    <tr>
      <th scope="row">{row.what}</th>
      <td><Values values={row.a} shared={row.shared} /></td>
      <td><Values values={row.b} shared={row.shared} /></td>
    </tr>
  );
}

const mostValues = 12;

function Values({ values, shared }: { values: Value[] | undefined; shared: Value[] }) {
  if (values === undefined) return <span className="quiet">not known</span>;
  if (values.length === 0) return <span className="quiet">none seen</span>;
  const keys = new Set(shared.map(({ key }) => key));
  return (
    <span className="values">
      {values.slice(0, mostValues).map((value) => (
        <span key={value.key} className={keys.has(value.key) ? 'value both' : 'value'}>
          {value.thing ? <ThingLink thing={value.thing}>{visible(value.label)}</ThingLink> : <bdi>{visible(value.label)}</bdi>}
          {keys.has(value.key) && <span className="unseen"> (in common)</span>}
        </span>
      ))}
      {values.length > mostValues && <span className="quiet">and {values.length - mostValues} more</span>}
    </span>
  );
}
