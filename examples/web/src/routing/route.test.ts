import assert from 'node:assert/strict';
import { test } from 'node:test';

import { listUrl, parseRoute, urlOf, type Thing } from './route.ts';

const host = (id: string): Thing => ({ kind: 'host', id });

test('a thing with its trail is a deep link', () => {
  const thing: Thing = { kind: 'certificate', id: 'a/b=,?' };
  const trail = [host('a.example'), host('2001:db8::1')];
  assert.deepEqual(parseRoute(urlOf(thing, trail)), { page: 'thing', thing, trail });
});

test('a thing that the trail contains cuts it', () => {
  const url = urlOf(host('b.example'), [host('a.example'), host('b.example'), host('c.example')]);
  assert.deepEqual(parseRoute(url), { page: 'thing', thing: host('b.example'), trail: [host('a.example')] });
});

test('a list is a deep link', () => {
  assert.deepEqual(parseRoute(listUrl(['a.example', '2001:db8::1'])), { page: 'list', text: 'a.example 2001:db8::1' });
});

for (const [hash, page] of Object.entries({ '': 'home', '#/': 'home', '#/nothing': 'missing', '#/host/': 'missing', '#/host/%': 'thing' })) {
  test(`"${hash}" is the page ${page}`, () => assert.equal(parseRoute(hash).page, page));
}
