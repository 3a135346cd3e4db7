import assert from 'node:assert/strict';
import { test } from 'node:test';

import { csv } from './csv.ts';
import { visible, webUrl } from './text.ts';

const rows: [title: string, cell: string | number | null, want: string][] = [
  ['a text', 'a', 'a'],
  ['a number stays one', -1, '-1'],
  ['nothing', null, ''],
  ['a comma and quotes', 'a,"b"', '"a,""b"""'],
  ['a formula', '=1+1', "'=1+1"],
  ['a formula behind blanks', '  @SUM(A1)', "'  @SUM(A1)"],
  ['a formula in wide characters', '\uff1d1', "'\uff1d1"],
  ['characters that reorder text', 'a\u202etxt', 'a\\u{202E}txt'],
];

for (const [title, cell, want] of rows) {
  test(title, () => assert.equal(csv([[cell]]), `\ufeff${want}\r\n`));
}

test('hidden characters show', () => assert.equal(visible('a\u200bb\u{e0041}'), 'a\\u{200B}b\\u{E0041}'));

test('only web addresses are links', () => {
  assert.equal(webUrl('https://news.example/a'), 'https://news.example/a');
  for (const text of ['javascript:alert(1)', 'data:text/html,a', 'news', '', null]) assert.equal(webUrl(text), undefined);
});
