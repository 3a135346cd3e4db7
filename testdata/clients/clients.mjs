// Sends one operation with @defer to the endpoint at a URL, by each client, and checks the states that each shows:
//   node clients.mjs URL ID
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { cacheExchange as graphcache } from '@urql/exchange-graphcache';
import { persistedExchange } from '@urql/exchange-persisted';
import { parse } from 'graphql';
import { check, plain, query } from './states.mjs';
import { runRelay } from './relay.mjs';
import { runGraphiQL } from './graphiql.mjs';

const [url, id] = process.argv.slice(2);
const variables = { id };
const post = await fetch(url, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ query, variables }),
});
const { data: whole } = await post.json();

const apollo = (link) =>
  new ApolloClient({ link, cache: new InMemoryCache(), incrementalHandler: new Defer20220824Handler() });

// The first view shows an entity; the second asks for the same one in parts. The first must not lose what it has.
async function runApollo() {
  const client = apollo(new HttpLink({ uri: url }));
  const view = gql`query ($id: ID!) { hostPort(id: $id) { id status host { id firstSeenDateTime } } }`;
  const shown = [];
  const first = client.watchQuery({ query: view, variables });
  first.subscribe(({ data, dataState }) => dataState === 'complete' && shown.push(plain(data)));
  await client.query({ query: view, variables });
  const states = [];
  await new Promise((resolve, reject) => {
    client.watchQuery({ query: gql(query), variables, fetchPolicy: 'network-only' }).subscribe({
      next: ({ data, error, dataState, loading }) => {
        if (error) reject(error);
        if (data) states.push(structuredClone(data));
        if (dataState === 'complete' && !loading) resolve();
      },
    });
  });
  check('Apollo Client', states, whole);
  for (const state of shown) {
    assert.deepEqual(state, { hostPort: { id, status: whole.hostPort.status,
      host: { id: whole.hostPort.host.id, firstSeenDateTime: whole.hostPort.host.firstSeenDateTime } } });
  }
}

function runUrql(name, exchange) {
  return new Promise((resolve, reject) => {
    const states = [];
    const client = new Client({ url, exchanges: [exchange, fetchExchange], preferGetMethod: false });
    client.query(query, variables).subscribe(({ data, error, hasNext }) => {
      if (error) return reject(error);
      states.push(structuredClone(data));
      if (!hasNext) resolve(states);
    });
  }).then((states) => check(name, states, whole));
}

// Clients of automatic persisted queries send the query after the hash was refused.
async function runPersisted() {
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  const text = 'query ($id: ID!) { hostPort(id: $id) { id port } }';
  const want = { hostPort: { id, port: whole.hostPort.port } };
  for (const useGETForHashedQueries of [false, true]) {
    const link = ApolloLink.from([new PersistedQueryLink({ sha256, useGETForHashedQueries }), new HttpLink({ uri: url })]);
    const { data } = await apollo(link).query({ query: gql(text), variables });
    assert.deepEqual(plain(data), want);
    const exchange = persistedExchange({ preferGetForPersistedQueries: useGETForHashedQueries });
    const client = new Client({ url, exchanges: [exchange, fetchExchange], preferGetMethod: false });
    const answer = await client.query(text, variables).toPromise();
    assert.deepEqual(plain(answer.data), want, String(answer.error));
  }
}

await runApollo();
await runUrql('urql', cacheExchange);
await runUrql('urql with graphcache', graphcache({}));
check('GraphiQL', await runGraphiQL(createGraphiQLFetcher({ url, fetch }), query, variables), whole);
await runRelay(url, id, whole);
await runPersisted();
process.stdout.write('ok\n');
process.exit(0);
