import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Thing } from '../routing/route.ts';
import { Memory } from './model.ts';

const host = (id: string): Thing => ({ kind: 'host', id });
const [a, b, c] = [host('a.example'), host('b.example'), host('c.example')];

test('the graph has the thing, its links and the way to it', () => {
  const memory = new Memory();
  memory.learn(a, { verdict: 'malicious', links: [{ thing: b, by: 'A' }, { thing: c, by: 'A' }] });
  memory.learn(b, { verdict: 'unknown', links: [{ thing: c, by: 'CNAME' }] });
  const graph = memory.around(b, [a]);
  assert.deepEqual(graph.nodes.map(({ label, role, verdict }) => [label, role, verdict]), [
    ['b.example', 'here', 'unknown'], ['a.example', 'trail', 'malicious'], ['c.example', 'other', undefined],
  ]);
  assert.deepEqual(graph.edges.map(({ from, to, by }) => `${from} ${by} ${to}`), [
    'host b.example CNAME host c.example', 'host a.example A host b.example', 'host a.example A host c.example',
  ]);
});

test('two links between the same things are one edge, and none leads to itself', () => {
  const memory = new Memory();
  memory.learn(a, { links: [{ thing: b, by: 'A' }, { thing: b, by: 'TXT' }, { thing: a, by: 'subdomain' }] });
  const graph = memory.around(a, []);
  assert.equal(graph.nodes.length, 2);
  assert.equal(graph.edges.length, 1);
});

test('nodes that are too many are counted, and those of the way are not left out', () => {
  const memory = new Memory();
  memory.learn(a, { links: Array.from({ length: 100 }, (_, i) => ({ thing: host(`h${i}.example`), by: 'A' })) });
  const graph = memory.around(a, [b]);
  assert.equal(graph.nodes.length, 30);
  assert.equal(graph.leftOut, 72);
  assert.ok(graph.nodes.some((node) => node.label === 'b.example'));
});
