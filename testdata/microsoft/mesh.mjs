// Asks GraphQL Mesh's OData handler questions about Microsoft Graph at a URL:
//   node mesh.mjs < {"url": …, "token": …, "batch": "json" or nothing, "queries": ["{ … }", …]}
// Prints the responses as a JSON array.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

const require = createRequire(import.meta.url);
const handlers = require('@graphql-mesh/odata');
const { InMemoryStoreStorageAdapter, MeshStore } = require('@graphql-mesh/store');
const { DefaultLogger } = require('@graphql-mesh/utils');
const { execute, parse, validate } = require('graphql');

const { url, token, batch, queries } = JSON.parse(await text(process.stdin));
const Handler = handlers.default ?? handlers;
const handler = new Handler({
  name: 'graph',
  config: {
    endpoint: `${url}/v1.0/`,
    operationHeaders: { Authorization: `Bearer ${token}` },
    ...(batch && { batch }),
  },
  baseDir: process.cwd(),
  importFn: (id) => import(id),
  logger: new DefaultLogger('graph'),
  store: new MeshStore('graph', new InMemoryStoreStorageAdapter(), { validate: false, readonly: false }),
});
const { schema, executor } = await handler.getMeshSource({ fetchFn: fetch });
const answers = [];
for (const query of queries) {
  const document = parse(query);
  const errors = validate(schema, document);
  answers.push(errors.length > 0 ? { errors } : executor
    ? await executor({ document, context: {} })
    : await execute({ schema, document, contextValue: {} }));
}
process.stdout.write(JSON.stringify(answers));
