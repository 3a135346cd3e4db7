import assert from 'node:assert/strict';
import { test } from 'node:test';

import { buildSchema, parse } from 'graphql';

import { askedIds } from '../src/model/asked.js';
import { costLine, costOf } from '../src/model/cost.js';
import { graphOf } from '../src/model/graph.js';
import { nextQuestion } from '../src/model/next.js';
import { problems } from '../src/model/problems.js';
import { read } from '../src/model/response.js';
import { sorted, tables } from '../src/model/table.js';
import { timeline } from '../src/model/timeline.js';
import { typesByPath } from '../src/model/types.js';
import { readable } from '../src/model/walk.js';

const host = {
  data: {
    host: {
      __typename: 'Hostname',
      id: 'www.example.com',
      firstSeenDateTime: '2020-01-01T00:00:00Z',
      lastSeenDateTime: '2021-01-01T00:00:00Z',
      reputation: { classification: 'MALICIOUS' },
      ports: {
        edges: [
          { cursor: 'a', node: { id: 'p1', port: 443, lastSeenDateTime: '2021-06-01T00:00:00Z', mostRecentSslCertificate: { sha1: 'ab'.repeat(20), subject: { commonName: 'cert' } } } },
          { cursor: 'b', node: { id: 'p2', port: 80, lastSeenDateTime: '2016-17-13T08:43:41.00Z', mostRecentSslCertificate: null } },
        ],
      },
      passiveDns: { nodes: [{ firstSeenDateTime: '2020-05-01T00:00:00Z', artifact: { __typename: 'IpAddress', id: '192.0.2.1' } }] },
    },
  },
};

test('text that is not a response is not read', () => {
  for (const text of ['', 'not JSON', '"text"', 'null', '{"data":']) assert.equal(read(text), undefined, text);
  assert.deepEqual(read('{"data":null}'), { data: null });
});

test('a table is made from each list, with where its rows are from', () => {
  const found = tables(host);
  assert.deepEqual(found.map((t) => [t.name, t.rows.length]), [['host.ports', 2], ['host.passiveDns', 1]]);
  assert.deepEqual(found[0].columns, ['id', 'port', 'lastSeenDateTime', 'mostRecentSslCertificate.sha1', 'mostRecentSslCertificate.subject.commonName', 'mostRecentSslCertificate']);
  const nested = tables({ data: { hosts: [{ id: 'a', ports: { nodes: [{ port: 1 }, { port: 2 }] } }, null, { id: 'b', ports: { nodes: [{ port: 3 }] } }] } }, { hosts: ['A', 'lost', 'b'] });
  const ports = nested.find((t) => t.name === 'hosts.ports');
  assert.deepEqual([ports.columns, ports.rows], [['hosts', 'port'], [['a', 1], ['a', 2], ['b', 3]]]);
  assert.deepEqual(nested.find((t) => t.name === 'hosts').rows.map((row) => row[0]), ['A', 'lost', 'b']);
});

test('a response without a list is one row for each entity at the root', () => {
  assert.deepEqual(tables({ data: { a: { id: '1' }, b: null } }), [{ name: 'response', columns: ['field', 'id'], rows: [['a', '1']] }]);
  for (const response of [undefined, {}, { data: null }, { data: { n: 1 } }, { data: { empty: [] } }]) assert.deepEqual(tables(response), []);
});

test('rows are sorted by numbers, by text with numbers in it, and nothing comes last', () => {
  const rows = [[10, 'port 10'], [9, 'port 9'], [null, null]];
  assert.deepEqual(sorted(rows, 0, false).map((r) => r[0]), [9, 10, null]);
  assert.deepEqual(sorted(rows, 0, true).map((r) => r[0]), [10, 9, null]);
  assert.deepEqual(sorted(rows, 1, false).map((r) => r[1]), ['port 9', 'port 10', null]);
  assert.equal(sorted(rows, -1, false), rows);
});

test('the timeline has a bar for everything with a sighting that is a date', () => {
  const found = timeline(host);
  assert.deepEqual(found.events.map((e) => [e.kind, e.label, e.open]), [
    ['Hostname', 'www.example.com', ''],
    ['ports', '443', 'first'],
    ['passiveDns', '192.0.2.1', 'last'],
  ]);
  assert.equal(timeline({ data: { hosts: Array.from({ length: 500 }, () => host.data.host) } }).events.length, 400);
  assert.equal(timeline({ data: { hosts: Array.from({ length: 500 }, () => host.data.host) } }).count, 1500);
  const reversed = timeline({ data: { a: { firstSeenDateTime: '2022-01-01', lastSeenDateTime: '2020-01-01' } } }).events[0];
  assert.ok(reversed.from < reversed.to && reversed.first > reversed.last);
  assert.deepEqual(timeline({ data: null }), { events: [], kinds: [], count: 0 });
});

test('the graph has hosts and certificates as nodes, and the ways between them as edges', () => {
  const { nodes, edges, count } = graphOf(host);
  assert.deepEqual(nodes.map((n) => [n.kind, n.label, n.reputation]), [
    ['name', 'www.example.com', 'MALICIOUS'],
    ['certificate', 'cert', ''],
    ['address', '192.0.2.1', ''],
  ]);
  assert.deepEqual(edges.map((e) => e.labels), [['ports › mostRecentSslCertificate'], ['passiveDns › artifact']]);
  assert.equal(count, 3);
});

test('an entity at the root with no node above holds together what is below it', () => {
  const { nodes, edges } = graphOf({ data: { hostPort: { id: 'p', port: 443, host: { id: '192.0.2.1' }, mostRecentSslCertificate: { sha1: 'cd'.repeat(20) } } } });
  assert.deepEqual(nodes.map((n) => n.kind).sort(), ['address', 'certificate', 'other']);
  assert.equal(edges.length, 2);
});

test('the same host in several places is one node, with its reputation from wherever it is', () => {
  const { nodes, edges } = graphOf({ data: { hosts: [{ id: '192.0.2.1' }, { id: '192.0.2.1', reputation: { classification: 'NEUTRAL' }, related: [{ id: '192.0.2.1' }, { id: 'b.example' }] }] } });
  assert.deepEqual(nodes.map((n) => [n.id, n.reputation]), [['192.0.2.1', 'NEUTRAL'], ['b.example', '']]);
  assert.equal(edges.length, 1);
});

test('the types of a query tell what is where, through aliases and fragments', () => {
  const schema = buildSchema('type Query { a(id: ID): A } type A { b: [B] me: A } type B { c: Int }');
  const document = parse('query Q { x: a { ...F me { me { __typename } } } } fragment F on A { bs: b { c } ... on A { me { b { c } } } ...F }');
  assert.deepEqual(Object.fromEntries(typesByPath(schema, document)), { x: 'A', 'x.bs': 'B', 'x.bs.c': 'Int', 'x.me': 'A', 'x.me.b': 'B', 'x.me.b.c': 'Int', 'x.me.me': 'A' });
  for (const [s, d] of [[undefined, document], [schema, undefined], [schema, parse('fragment F on A { b { c } }')]]) assert.equal(typesByPath(s, d).size, 0);
});

test('a node leads to the next question about it', () => {
  const queries = { host: 'H', certificate: 'C', fingerprint: 'F', article: 'A', profile: 'P', vulnerability: 'V', node: 'N' };
  const next = (node) => nextQuestion({ id: '', sha1: '', type: '', ...node }, queries);
  assert.deepEqual(next({ kind: 'name', id: 'a.example' }), { query: 'H', variables: '{\n  "host": "a.example"\n}' });
  assert.equal(next({ kind: 'certificate', id: 'x' }).query, 'C');
  assert.equal(next({ kind: 'certificate', sha1: 'ab' }).query, 'F');
  assert.equal(next({ kind: 'certificate' }), undefined);
  assert.equal(next({ kind: 'other', id: 'x', type: 'HostPort' }).variables, '{\n  "id": "HostPort:x"\n}');
  assert.equal(next({ kind: 'article' }), undefined);
});

test('the ids that were requested are read from variables and literals', () => {
  const document = parse('query Q($ids: [ID!]!, $one: ID!) { hosts(ids: $ids) { id } few: hosts(ids: ["a", $one]) { id } host(id: $one) { id } }');
  assert.deepEqual(askedIds(document, { ids: ['x', 'y'], one: 'b' }), { hosts: ['x', 'y'], few: ['a', 'b'] });
  assert.deepEqual(askedIds(document, { ids: ['x'] }, { ids: ['y'] }).hosts, ['x', 'y']);
  assert.deepEqual(askedIds(undefined, undefined), {});
  assert.deepEqual(askedIds(document, undefined).hosts, []);
});

test('the cost is read whatever is missing', () => {
  const upstream = { requests: 2, items: 3, waves: 1, estimate: 4, limit: 400, calls: [{ method: 'POST', url: '/$batch', wave: 1, status: 200, startMilliseconds: 1, milliseconds: 2, items: [{ url: '/a', status: 404 }] }, { url: '/b', shared: true }] };
  const cost = costOf({ extensions: { upstream } });
  assert.equal(cost.rows.length, 2);
  assert.equal(cost.total, 3);
  assert.equal(cost.rows[1].from, 'another operation');
  assert.equal(costLine({ extensions: { upstream } }), 'Cost: 3 items in 2 requests, 1 wave. Estimate 4, limit 400.');
  assert.equal(costLine({ extensions: { upstream: { ...upstream, requests: 1, items: 1, cacheHits: 2 } } }), 'Cost: 1 item in 1 request, 1 wave, 2 from the cache. Estimate 4, limit 400.');
  for (const response of [{}, { extensions: {} }, { extensions: { upstream: null } }]) assert.equal(costOf(response), undefined);
  assert.deepEqual(costOf({ extensions: { upstream: {} } }).rows, []);
});

test('errors and warnings are put in words, equal ones once', () => {
  const error = (path) => ({ message: 'wrong <b>', path, extensions: { code: 'BAD_ID', hint: 'try\u202e this' } });
  const found = problems(
    { errors: [error(['hosts', 0]), error(['hosts', 1]), { message: 'Failed to fetch' }, {}, null], extensions: { warnings: [{ message: 'unsure', path: ['a'], code: 'UNVERIFIED' }] } },
    [{ code: 'BAD_ID', cause: 'c', remedy: 'correct it' }],
  );
  assert.deepEqual(found.map((p) => [p.kind, p.code, p.places.length, p.documented]), [
    ['error', 'BAD_ID', 2, true],
    ['error', '', 0, false],
    ['error', '', 0, false],
    ['warning', 'UNVERIFIED', 1, false],
  ]);
  assert.equal(found[0].remedy, 'correct it');
  assert.equal(found[0].hint, 'try\\u{202E} this');
  assert.match(found[1].remedy, /did not respond/);
  assert.deepEqual(problems(undefined), []);
});

test('an id that is base64 of a name is read as that name', () => {
  assert.equal(readable('MTkyLjAuMi4xJCQ5NDQz'), '192.0.2.1 9443');
  assert.equal(readable('MDEyMDk2OTg4MGIwMTZkYzJjNzNlM2E3ZDk3MzgxMjcyOWI1Y2RiZA=='), '0120969880b016dc2c73e3a7d973812729b5cdbd');
  for (const id of ['www.example.com', 'tKhoxnUMGirrHqYiMpsdaQRDZKBnXrao', 'a272d5ab', '9b01de37bf66d1760954a16dc2b52fed2a7bd4e093dfc8a4905e108e4843da80']) assert.equal(readable(id), id);
});
