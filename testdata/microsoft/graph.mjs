// Reads Microsoft Graph by Microsoft's JavaScript client:
//   node graph.mjs < {"url": …, "token": …, "examples": {"path": {…}}, "list": "…", "paths": ["…"]}
// Prints what it read as JSON.
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { BatchRequestContent, BatchResponseContent, Client, PageIterator } from '@microsoft/microsoft-graph-client';

const { url, token, examples, list, paths } = JSON.parse(await text(process.stdin));
const client = Client.init({
  baseUrl: `${url}/`,
  customHosts: new Set([new URL(url).hostname]),
  authProvider: (done) => done(null, token),
});
const root = '/security/threatIntelligence/';

// Microsoft's published examples, one request each.
let right = 0;
for (const [path, want] of Object.entries(examples)) {
  assert.deepEqual(await client.api(root + path).get(), want, path);
  right += 1;
}

// A list of several pages.
const ids = [];
const first = await client.api(root + list).get();
assert.ok(first['@odata.nextLink'], 'the list has one page');
const iterator = new PageIterator(client, first, ({ id }) => { ids.push(id); return true; });
await iterator.iterate();
assert.ok(iterator.isComplete());

// A batch of 20, by id, in whatever order the items come. The client keeps what follows the host, so there is no version.
const steps = paths.map((path, i) => ({ id: String(i), request: new Request(`${url}${root}${path}`) }));
const body = await new BatchRequestContent(steps).getContent();
const responses = new BatchResponseContent(await client.api('/$batch').post(body));
const batch = [];
for (const i of steps.keys()) {
  const response = responses.getResponseById(String(i));
  batch.push({ status: response.status, id: (await response.json()).id ?? null });
}
process.stdout.write(JSON.stringify({ right, ids, batch }));
