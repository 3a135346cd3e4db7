// Composes the subgraph at a URL with those of the incidents and of the notes, and asks a gateway in front of them one question:
//   node gateway-test.mjs URL < {"incidents": [...], "notes": [...], "query": "...", "variables": {...}}
// The result goes to standard output as JSON. What cannot be composed is an error.
import { text } from 'node:stream/consumers';
import { composeServices } from '@apollo/composition';
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { notesResolversOf, notesTypeDefs, resolversOf, typeDefs } from './incidents.mjs';

const url = process.argv[2];
const { incidents, notes, query, variables } = JSON.parse(await text(process.stdin));

const answer = await fetch(url, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ query: '{ _service { sdl } }' }),
});
const { sdl } = (await answer.json()).data._service;

const { supergraphSdl, errors } = composeServices([
  { name: 'portico', url, typeDefs: parse(sdl) },
  { name: 'incidents', url: 'http://incidents.invalid/', typeDefs }, // this and the next are answered in this process
  { name: 'notes', url: 'http://notes.invalid/', typeDefs: notesTypeDefs },
]);
if (errors) throw new AggregateError(errors, errors.map((error) => error.message).join('\n'));

const own = {
  incidents: buildSubgraphSchema({ typeDefs, resolvers: resolversOf(incidents) }),
  notes: buildSubgraphSchema({ typeDefs: notesTypeDefs, resolvers: notesResolversOf(notes ?? []) }),
};
const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error };
const server = new ApolloServer({
  gateway: new ApolloGateway({
    supergraphSdl,
    logger: quiet,
    buildService: ({ name, url }) =>
      own[name] ? new LocalGraphQLDataSource(own[name]) : new RemoteGraphQLDataSource({ url }),
  }),
  logger: quiet,
  stopOnTerminationSignals: false,
});
const { body } = await server.executeOperation({ query, variables });
await server.stop();
process.stdout.write(JSON.stringify({ supergraph: supergraphSdl, ...body.singleResult }));
