import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unknown, waiting, failed, type Row } from './rows.ts';
import { cellsOf, countsOf, shownRows } from './view.ts';

const host = (indicator: string, verdict: string | null, score: number | null): Row => ({ ...waiting('host', indicator), state: 'found', verdict, score });
const broken = failed(waiting('host', 'e.example'), { kind: 'throttled', code: 'UPSTREAM_THROTTLED', message: '', hint: '', path: [], wait: 0 });
const rows = [host('a.example', 'NEUTRAL', 0), host('b.example', 'MALICIOUS', 100), unknown(waiting('host', 'c.example')), host('d.example', 'SUSPICIOUS', 40), broken];
const names = (shown: Row[]) => shown.map(({ indicator }) => indicator[0]).join('');

test('by verdict, the worst is first, unknown is above neutral, and what failed is last', () =>
  assert.equal(names(shownRows(rows, 'all', '', { column: 'verdict', descending: true })), 'bdcae'));

test('rows without a value are last in both directions', () => {
  assert.equal(names(shownRows(rows, 'all', '', { column: 'score', descending: true })), 'bdace');
  assert.equal(names(shownRows(rows, 'all', '', { column: 'score', descending: false })), 'adbce');
});

test('filters count what they show, and a failed row is not unknown', () => {
  assert.deepEqual(countsOf(rows), { all: 5, bad: 2, unknown: 1, failed: 1 });
  assert.equal(names(shownRows(rows, 'unknown', '', { column: 'indicator', descending: false })), 'c');
});

test('text filters in any letter case', () =>
  assert.equal(names(shownRows(rows, 'all', 'B.EX', { column: 'indicator', descending: false })), 'b'));

test('in the file, an unknown host is UNKNOWN, and a failed one has no verdict', () => {
  const [, , , c, , e] = cellsOf(rows);
  assert.deepEqual(c?.slice(2, 4), ['unknown', 'UNKNOWN']);
  assert.deepEqual(e?.slice(2, 4), ['failed: UPSTREAM_THROTTLED', null]);
});
