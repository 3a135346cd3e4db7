import type { Cell } from '../parts/csv.ts';
import type { Row } from './rows.ts';

export type Column = 'indicator' | 'verdict' | 'score' | 'about' | 'ports' | 'firstSeen' | 'lastSeen';
export type Sort = { column: Column; descending: boolean };

/** Which rows are shown. `bad`: malicious, suspicious, or severe. */
export const filters = ['all', 'bad', 'unknown', 'failed'] as const;
export type Filter = (typeof filters)[number];

/** Verdicts and severities, the worst last. What is not known is between neutral and suspicious: it may be either. */
const ranks = ['NONE', 'LOW', 'NEUTRAL', 'MEDIUM', '', 'UNRECOGNIZED', 'UNKNOWN', 'SUSPICIOUS', 'HIGH', 'MALICIOUS', 'CRITICAL'];
const rankOf = ({ state, verdict }: Row): number => (state === 'failed' || state === 'waiting' ? -1 : ranks.indexOf(verdict ?? ''));

const bad = new Set(['SUSPICIOUS', 'MALICIOUS', 'HIGH', 'CRITICAL']);

/** A host that is found, and has no judgment, is unknown, too. */
export const isUnknown = ({ state, verdict, kind }: Row): boolean =>
  state === 'unknown' || (state === 'found' && kind !== 'certificate' && (verdict === null || verdict === 'UNKNOWN' || verdict === 'UNRECOGNIZED'));

const holds: Record<Filter, (row: Row) => boolean> = {
  all: () => true,
  bad: ({ verdict }) => verdict !== null && bad.has(verdict),
  unknown: isUnknown,
  failed: ({ state }) => state === 'failed',
};

export const countsOf = (rows: Row[]): Record<Filter, number> =>
  Object.fromEntries(filters.map((filter) => [filter, rows.filter(holds[filter]).length])) as Record<Filter, number>;

/** Returns the rows that pass the filter and contain the text, in order. Rows without a value are last in either direction. */
export function shownRows(rows: Row[], filter: Filter, text: string, { column, descending }: Sort): Row[] {
  const wanted = text.trim().toLowerCase();
  const contains = (row: Row) => [row.indicator, row.about, row.verdict].some((part) => part?.toLowerCase().includes(wanted));
  const sign = descending ? -1 : 1;
  return rows.filter((row) => holds[filter](row) && (wanted === '' || contains(row))).sort((a, b) => {
    const [left, right] = [valueOf(a, column), valueOf(b, column)];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    return sign * (typeof left === 'number' && typeof right === 'number' ? left - right : String(left).localeCompare(String(right), 'en', { numeric: true }));
  });
}

const valueOf = (row: Row, column: Column): string | number | null => (column === 'verdict' ? rankOf(row) : row[column]);

/** Returns the rows as a table for a file. A row that failed says so: an empty cell would look like an all-clear. */
export function cellsOf(rows: Row[]): Cell[][] {
  const head = ['indicator', 'kind', 'state', 'verdict', 'score', 'about', 'open ports', 'first seen', 'last seen'];
  return [head, ...rows.map((row) => [
    row.indicator, row.kind, row.problem ? `failed: ${row.problem.code}` : row.state, row.state === 'failed' || row.state === 'waiting' ? null : row.verdict ?? 'UNKNOWN',
    row.score, row.about, row.ports, row.firstSeen, row.lastSeen,
  ])];
}
