// Sends persisted documents by Apollo Client, urql and Relay, and checks what each sends:
//   node persisted.mjs off|apq|require URL ID
//   node persisted.mjs manifest FILE      writes the map of what urql will send
// off: the server knows no documents; apq: it lets clients register them; require: it executes trusted documents alone.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { generatePersistedQueryIdsFromManifest } from '@apollo/persisted-query-lists';
import { Client, fetchExchange, stringifyDocument } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import relay from 'relay-runtime';

const [mode, url, id] = process.argv.slice(2);
const folder = new URL('./documents/', import.meta.url);
const text = readFileSync(new URL('port.graphql', folder), 'utf8');
const generated = (name) => JSON.parse(readFileSync(new URL(`__generated__/${name}`, folder), 'utf8'));
const sha256 = (of) => createHash('sha256').update(of).digest('hex');

if (mode === 'manifest') {
  const sent = stringifyDocument(text);
  writeFileSync(url, JSON.stringify({ [sha256(sent)]: sent }));
  process.exit(0);
}

// What each request brings: a query, or a name of one. Each client is a caller of its own, and finds nothing registered.
const sent = [];
let caller = '';
async function recording(target, options) {
  const params = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(target).searchParams);
  sent.push(params.query ? 'query' : `${options.method ?? 'GET'} ${params.doc_id ? 'doc_id' : 'hash'}`);
  return fetch(target, { ...options, headers: { ...options.headers, Authorization: `Bearer ${caller}` } });
}

// The first operation and the second; a client that learned that hashes are of no use stops to send them.
const expected = {
  off: (method) => [`${method} hash`, 'query', 'query'],
  apq: (method) => [`${method} hash`, 'query', `${method} hash`],
  require: (method) => [`${method} hash`, `${method} hash`],
}[mode];

function apollo(useGETForHashedQueries) {
  const ids = mode === 'require'
    ? generatePersistedQueryIdsFromManifest({ loadManifest: async () => generated('apollo.json') })
    : { sha256 };
  const link = ApolloLink.from([
    new PersistedQueryLink({ ...ids, useGETForHashedQueries }),
    new HttpLink({ uri: url, fetch: recording }),
  ]);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  return async () => (await client.query({ query: gql(text), variables: { id }, fetchPolicy: 'network-only' })).data;
}

function urql(preferGetForPersistedQueries) {
  const exchange = persistedExchange({ preferGetForPersistedQueries, enforcePersistedQueries: mode === 'require' });
  const client = new Client({ url, exchanges: [exchange, fetchExchange], preferGetMethod: false, fetch: recording });
  return async () => {
    const { data, error } = await client.query(text, { id }).toPromise();
    if (error) throw error;
    return data;
  };
}

for (const [name, client] of [['Apollo Client', apollo], ['urql', urql]]) {
  for (const get of [false, true]) {
    sent.length = 0;
    caller = `${client.name}-${get}`;
    const run = client(get);
    for (let i = 0; i < 2; i++) {
      const { hostPort } = await run();
      assert.equal(hostPort.id, id, name);
      assert.equal(hostPort.port, 21, name);
    }
    assert.deepEqual(sent, expected(get ? 'GET' : 'POST'), name);
  }
}

// Relay's compiler has taken the text out of the artifact, and its runtime can send nothing but the id.
async function runRelay() {
  const { default: operation } = await import('./documents/__generated__/portQuery.graphql.js');
  assert.equal(operation.params.text, null);
  const send = async ({ id: doc_id }, variables) => {
    const response = await recording(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ doc_id, variables }),
    });
    return response.json();
  };
  const { Environment, Network, RecordSource, Store, createOperationDescriptor } = relay;
  const environment = new Environment({ network: Network.create(send), store: new Store(new RecordSource()) });
  const descriptor = createOperationDescriptor(operation, { id });
  sent.length = 0;
  await new Promise((complete, error) => environment.execute({ operation: descriptor }).subscribe({ complete, error }));
  assert.equal(environment.lookup(descriptor.fragment).data.hostPort.port, 21);
  assert.deepEqual(sent, ['POST doc_id']);
}

if (mode === 'require') await runRelay();
process.stdout.write('ok\n');
process.exit(0);
