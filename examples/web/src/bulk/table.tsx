import type { HostReputationClassification } from '../gql/graphql';
import { Icon } from '../parts/icon';
import { visible, words } from '../parts/text';
import { Day } from '../parts/time';
import { VerdictBadge, verdictOf } from '../parts/verdict';
import { ThingLink } from '../routing/useRoute';
import type { Row } from './rows';
import type { Column, Sort } from './view';

const columns: [Column, string][] = [
  ['indicator', 'Indicator'], ['verdict', 'Verdict'], ['score', 'Score'], ['about', 'Owner or subject'], ['ports', 'Open ports'],
  ['firstSeen', 'First seen'], ['lastSeen', 'Last seen'],
];

type TableProps = { rows: Row[]; sort: Sort; onSort: (sort: Sort) => void };

export function Table({ rows, sort, onSort }: TableProps) {
  return (
    <div className="panel scroll">
      <table className="bulk">
        <caption className="unseen">Indicators</caption>
        <thead>
          <tr>
            {columns.map(([column, title]) => (
              <th key={column} scope="col" aria-sort={sort.column !== column ? undefined : sort.descending ? 'descending' : 'ascending'} className={column === 'score' ? 'number' : undefined}>
                <button type="button" onClick={() => onSort({ column, descending: sort.column === column ? !sort.descending : column !== 'indicator' })}>
                  {title} <span aria-hidden="true">{sort.column === column ? (sort.descending ? '↓' : '↑') : ''}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{rows.map((row) => <RowOf key={`${row.kind} ${row.indicator}`} row={row} />)}</tbody>
      </table>
      {rows.length === 0 && <p className="footnote">No row passes the filter.</p>}
    </div>
  );
}

function RowOf({ row }: { row: Row }) {
  return (
    <tr className={row.state}>
      <td>{row.thing ? <ThingLink thing={row.thing}><bdi>{row.indicator}</bdi></ThingLink> : <bdi className="mono">{row.indicator}</bdi>}</td>
      <td><RowVerdict row={row} /></td>
      <td className="number">{row.score ?? '–'}</td>
      <td>{row.about ? visible(row.about) : '–'}</td>
      <td className="mono">{row.ports ?? '–'}</td>
      <td><Day time={row.firstSeen} /></td>
      <td><Day time={row.lastSeen} /></td>
    </tr>
  );
}

/** What could not be looked up has no verdict, and says why. */
function RowVerdict({ row }: { row: Row }) {
  if (row.state === 'waiting') return <span className="quiet">…</span>;
  if (row.state === 'failed') return <span className="tag warn" title={row.problem?.message}><Icon name="cloud" /> {row.problem?.code ? words(row.problem.code) : 'not fetched'}</span>;
  if (row.kind === 'host') return <VerdictBadge verdict={verdictOf({ classification: row.verdict as HostReputationClassification | null })} />;
  if (row.state === 'unknown') return <VerdictBadge verdict="unknown" />;
  if (row.kind === 'certificate') return <span className="quiet">certificate</span>;
  const severe = row.verdict === 'CRITICAL' || row.verdict === 'HIGH';
  return <span className={severe ? 'tag bad' : 'tag'}>{words(row.verdict ?? 'UNKNOWN')}</span>;
}
