// Composes the subgraph at a URL with one of somebody else by three libraries, and asks Hive Gateway in front of both:
//   node federation.mjs URL < {"incidents": [{"id", "host": {"id"}, "port": {"id"}}], "query": "…"}
// Prints the gateway's response for each library's composition as JSON.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { composeServices as composeByApollo } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { composeServices as composeByTheGuild, transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { ROUTER_COMPATIBILITY_VERSION_ONE, federateSubgraphs } from '@wundergraph/composition';
import { buildASTSchema, parse, print, validate } from 'graphql';
import { createYoga } from 'graphql-yoga';

const url = process.argv[2];
const { incidents, query } = JSON.parse(await text(process.stdin));

// The other subgraph refers to hosts of unknown type, and adds incidents to each.
const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@interfaceObject"])
  type Query { incidents: [Incident!]! }
  type Incident @key(fields: "id") { id: ID! host: Host! port: HostPort! }
  type Host @key(fields: "id") @interfaceObject { id: ID! incidents: [Incident!]! }
  type HostPort @key(fields: "id", resolvable: false) { id: ID! }
`);
const resolvers = {
  Query: { incidents: () => incidents },
  Host: { incidents: ({ id }) => incidents.filter(({ host }) => host.id === id) },
};
const yoga = createYoga({ schema: buildSubgraphSchema({ typeDefs, resolvers }), logging: false });
const other = createServer(yoga);
await new Promise((listening) => other.listen(0, '127.0.0.1', listening));
const otherURL = `http://127.0.0.1:${other.address().port}/graphql`;

const answer = await fetch(url, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ query: '{ _service { sdl } }' }),
});
const subgraphs = [
  { name: 'portico', url, typeDefs: parse((await answer.json()).data._service.sdl) },
  { name: 'incidents', url: otherURL, typeDefs },
];

// Each composition yields the supergraph for a gateway, if the library makes one of the usual form, and the schema for callers.
const compositions = {
  '@apollo/composition'() {
    const { supergraphSdl, errors } = composeByApollo(subgraphs);
    assert.deepEqual(errors ?? [], []);
    return { supergraphSdl, callers: transformSupergraphToPublicSchema(parse(supergraphSdl)) };
  },
  '@theguild/federation-composition'() {
    const { supergraphSdl, publicSdl, errors } = composeByTheGuild(subgraphs);
    assert.deepEqual(errors ?? [], []);
    return { supergraphSdl, callers: parse(publicSdl) };
  },
  '@wundergraph/composition'() {
    const { success, errors, federatedGraphClientSchema } = federateSubgraphs({
      subgraphs: subgraphs.map(({ typeDefs: definitions, ...subgraph }) => ({ ...subgraph, definitions })),
      version: ROUTER_COMPATIBILITY_VERSION_ONE,
    });
    assert.deepEqual(errors ?? [], []);
    assert.ok(success);
    return { schema: federatedGraphClientSchema };
  },
};

const results = {};
for (const [library, compose] of Object.entries(compositions)) {
  const { supergraphSdl, callers, schema = buildASTSchema(callers, { assumeValidSDL: true }) } = compose();
  assert.deepEqual(validate(schema, parse(query)), [], library);
  if (!supergraphSdl) continue;
  const gateway = createGatewayRuntime({ supergraph: supergraphSdl, logging: false, maskedErrors: false, skipValidation: false });
  const response = await gateway.fetch('http://gateway.example/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  results[library] = await response.json();
  await gateway[Symbol.asyncDispose]();
}
process.stdout.write(JSON.stringify(results));
process.exit(0); // open connections would keep it
