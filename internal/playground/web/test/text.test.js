import assert from 'node:assert/strict';
import { test } from 'node:test';

import { buildSchema, introspectionFromSchema } from 'graphql';

import { costsOf } from '../costs.js';
import { annotate } from '../src/model/annotate.js';
import { searchSchema } from '../src/model/docs.js';
import { indicators, merged, pages } from '../src/model/indicators.js';
import { blank, named, takesVariables, titleOf } from '../src/model/tabs.js';
import { csv, short, tsv, visible } from '../src/model/text.js';

test('characters that hide or reorder text are shown', () => {
  assert.equal(visible('a\u202eexe.txt\u0000\u200b\u2066'), 'a\\u{202E}exe.txt\\u{0}\\u{200B}\\u{2066}');
  assert.equal(visible('a\u{e0041}b'), 'a\\u{E0041}b');
  assert.equal(visible('220 FTP\r\n\tok é ü 中 🙂'), '220 FTP\r\n\tok é ü 中 🙂');
  assert.equal(short('x'.repeat(70)).length, 60);
  assert.equal(short('a\n b'), 'a b');
});

test('no cell is a formula, and numbers stay numbers', () => {
  const row = ['=1+1', '+1', '-1', '@a', '\t=1', ' =1', '\u00a0=1', '\uff1d1', -5, 1.5, 'plain', 'a"b', 'a,b', 'a\r\nb', null, true, '<b>'];
  const cells = csv(['c'], [row]).split('\r\n').slice(1).join('\r\n').trimEnd();
  assert.equal(cells, `'=1+1,'+1,'-1,'@a,'\t=1,' =1,'\u00a0=1,'\uff1d1,-5,1.5,plain,"a""b","a,b","a\r\nb",,true,<b>`);
  assert.ok(csv(['=c'], []).startsWith("\ufeff'=c"));
  assert.equal(tsv(['a', 'b'], [['x\ty', '=1\n2']]), "a\tb\nx y\t'=1 2");
});

test('indicators are found in a report, defanged or not, each once', () => {
  const found = indicators(`
    The loader hxxps[:]//evil[.]example[.]com/path/run.exe?x=1 called 192[.]0[.]2[.]1 and 198.51.100.7:8443, then
    mail(at)bad(.)example(.)org, 2001:db8::1, [2001:DB8::2]:443, WWW.Evil.Example.COM. evil.example.com again, xn--bcher-kva.example,
    bücher.example, drop at report.pdf and payload.dll; CVE-2021-44228 and cve_2023-12345, at 12:30:45 on 2023-08-09.
    SHA-1 01:20:96:98:80:b0:16:dc:2c:73:e3:a7:d9:73:81:27:29:b5:cd:bd 0120969880B016DC2C73E3A7D973812729B5CDBD
    md5 d41d8cd98f00b204e9800998ecf8427e sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 version 1.2.3 and 999.1.1.1`);
  assert.deepEqual(found.names, ['evil.example.com', 'bad.example.org', 'www.evil.example.com', 'xn--bcher-kva.example']);
  assert.deepEqual(found.addresses, ['2001:db8::1', '2001:db8::2', '192.0.2.1', '198.51.100.7']);
  assert.deepEqual(found.cves, ['CVE-2021-44228', 'CVE-2023-12345']);
  assert.deepEqual(found.fingerprints, ['0120969880b016dc2c73e3a7d973812729b5cdbd']);
  assert.equal(found.unsearchable.length, 2);
  assert.equal(found.ignoredLines, 0);
});

test('a text with nothing in it, and one that is too long', () => {
  assert.deepEqual(indicators('nothing here. Really; e.g. none').hosts, []);
  assert.deepEqual(pages(indicators(''), 'Q'), []);
  const long = indicators(Array.from({ length: 1200 }, (_, i) => `h${i}.example`).join('\n'));
  assert.equal(long.hosts.length, 1000);
  assert.equal(long.ignoredLines, 200);
});

test('indicators are asked about in pages of 100, fingerprints in pages of their own', () => {
  const text = [
    ...Array.from({ length: 150 }, (_, i) => `h${i}.example`),
    ...Array.from({ length: 20 }, (_, i) => `CVE-2021-${10000 + i}`),
    ...Array.from({ length: 60 }, (_, i) => i.toString(16).padStart(40, '0')),
  ].join('\n');
  const operations = pages(indicators(text), 'Q');
  assert.deepEqual(operations.map((o) => o.size), [100, 70, 50, 10]);
  assert.deepEqual([operations[1].variables.hosts.length, operations[1].variables.vulnerabilities.length], [50, 20]);
  assert.match(operations[3].query, /certificate51: sslCertificates/);
  assert.equal(operations[3].variables.sha1_60, (59).toString(16).padStart(40, '0'));
});

test('the responses to pages are one response', () => {
  const cost = (n) => ({ upstream: { requests: n, items: n, waves: 1, estimate: n, limit: 400, calls: [{ wave: 1, startMilliseconds: 0, milliseconds: 5 }] } });
  const first = { data: { hosts: [{ id: 'a' }, null] }, extensions: cost(1) };
  const second = { data: { hosts: [{ id: 'b' }], certificate1: {} }, errors: [{ message: 'x', path: ['hosts', 0, 'id'] }], extensions: cost(2) };
  const total = merged(merged(undefined, first), second);
  assert.deepEqual(total.data, { hosts: [{ id: 'a' }, null, { id: 'b' }], certificate1: {} });
  assert.deepEqual(total.errors[0].path, ['hosts', 2, 'id']);
  const { calls, ...numbers } = total.extensions.upstream;
  assert.deepEqual(numbers, { requests: 3, items: 3, waves: 2, estimate: 3, limit: 800 });
  assert.deepEqual(calls.map((c) => [c.wave, c.startMilliseconds]), [[1, 0], [2, 5]]);
  assert.equal(first.data.hosts.length, 2);
  assert.deepEqual(merged(first, { errors: [{ message: 'no' }] }).data, first.data);
});

test('a tab is called by its question', () => {
  assert.equal(titleOf('# Who is it?\n# more\nquery A { a }'), 'Who is it?');
  assert.equal(titleOf('query Name($a: Int) { a }'), 'Name');
  assert.equal(titleOf('{ a }'), '');
  assert.equal(titleOf(null), '');
});

test('the name of an operation is sent where the query has it', () => {
  assert.equal(named('# query B\nquery A { a }', 'A'), 'A');
  for (const name of ['B', 'Ab', '', null, undefined]) assert.equal(named('# query B\nquery A { a }', name), undefined);
  assert.equal(named('query IntrospectionQuery { __schema { types { name } } }', 'IntrospectionQuery'), 'IntrospectionQuery');
});

test('variables are looked for where an operation declares them', () => {
  for (const [query, want] of [['query A($id: ID!) { a }', true], ['# query A($id: ID!)\n{ a }', false], ['query A { a(id: "($x: 1)") }', false], ['query A(\n  $id: ID!\n) { a }', true], ['{ a }', false]]) {
    assert.equal(takesVariables(query), want, query);
  }
});

test('with a real tenant, ids are to be filled in, and what every tenant has stays', () => {
  const query = 'query Q($ip: ID!, $ips: [ID!]!, $cve: ID!, $value: String!) { a }';
  const known = JSON.stringify({ ip: '192.0.2.1', ips: ['192.0.2.1'], cve: 'CVE-2021-44228', value: '1' });
  assert.deepEqual(JSON.parse(blank(query, known)), { ip: '', ips: [''], cve: 'CVE-2021-44228', value: '1' });
  assert.equal(blank(query, ''), '');
});

const sdl = `
  directive @property on FIELD_DEFINITION
  directive @request(takes: [String!]) on FIELD_DEFINITION
  directive @navigation(expand: Boolean! = false, carries: [String!]! = []) on FIELD_DEFINITION
  type Query { host(id: ID!): Host @request hosts(ids: [ID!]!): [Host]! @request }
  type Host { id: ID! name: String @property ports: PortConnection @request best: Port @navigation(expand: true) other: Host @navigation(carries: ["name"]) }
  type PortConnection { nodes: [Port] edges: [PortEdge] pageInfo: PageInfo! }
  type PortEdge { node: Port cursor: String! }
  type PageInfo { hasNextPage: Boolean! }
  type Port { port: Int! @property }`;

test('each field says what it costs', () => {
  const schema = introspectionFromSchema(buildSchema(sdl));
  annotate(schema.__schema, costsOf(sdl));
  const said = (type, field) => schema.__schema.types.find((t) => t.name === type).fields.find((f) => f.name === field).description;
  assert.match(said('Query', 'hosts'), /Cost:\*\* one item for each id/);
  assert.match(said('Host', 'ports'), /Cost:\*\* one item for each owner/);
  assert.match(said('Host', 'name'), /Cost:\*\* nothing of its own/);
  assert.match(said('Host', 'best'), /\$expand/);
  assert.match(said('Host', 'other'), /nothing for `id`, `name`; one item for each target/);
});

test('the search of the docs hides edges and connections', () => {
  const schema = buildSchema(sdl);
  const names = (text, within) => searchSchema(schema, text, within).map(({ type, field }) => (field ? `${type.name}.${field.name}` : type.name));
  assert.deepEqual(names('port'), ['Port', 'Port.port', 'Host.ports']);
  for (const text of ['edge', 'pageinfo', 'cursor', 'connection', 'hasNext']) assert.deepEqual(names(text), [], text);
  assert.equal(names('o', schema.getType('Host'))[0].split('.')[0], 'Host');
});
