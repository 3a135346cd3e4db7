// Refetches entities and pages of lists by Relay's runtime, with the artifacts that its compiler has written:
//   node refetch.mjs URL ID
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import relay from 'relay-runtime';

const { Environment, Network, RecordSource, Store, createOperationDescriptor, fetchQuery, getSingularSelector } = relay;
const require = createRequire(import.meta.url);
const artifact = (name) => require(`./refetch/__generated__/query${name}.graphql`);
const [url, id] = process.argv.slice(2);

const sent = [];
async function send({ name, text }, variables) {
  sent.push(name);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: text, variables }),
  });
  return answer.json();
}
const getDataID = (value) => value.nodeId; // as nodeInterfaceIdField in relay.refetch.config.json
const environment = new Environment({
  network: Network.create(send),
  store: new Store(new RecordSource(), { getDataID }),
  getDataID,
});
const fetchAll = (operation, variables) => fetchQuery(environment, operation, variables).toPromise();

const first = createOperationDescriptor(artifact('PortQuery'), { id });
environment.retain(first);
await fetchAll(artifact('PortQuery'), { id });
const shown = () => environment.lookup(first.fragment).data.hostPort;
const read = (fragment, ref) => {
  const { data, isMissingData } = environment.lookup(getSingularSelector(artifact(fragment), ref));
  assert.equal(isMissingData, false, fragment);
  return data;
};

// An entity is fetched again by what identifies it in the store.
const port = read('Port', shown());
assert.equal(port.id, id);
const { identifierField, identifierQueryVariableName } = artifact('Port').metadata.refetch.identifierInfo;
assert.equal(port[identifierField], `HostPort:${id}`);
environment.commitUpdate((store) => store.get(port.nodeId).setValue('STALE', 'status'));
assert.equal(read('Port', shown()).status, 'STALE');
await fetchAll(artifact('PortRefetchQuery'), { [identifierQueryVariableName]: port.nodeId });
assert.deepEqual(read('Port', shown()), port);

// The next page of a list comes by the id of its owner, and is added to the first in the store.
const page = read('Ports', shown().host);
assert.equal(page.ports.edges.length, 2);
const { endCursor: cursor, hasNextPage } = page.ports.pageInfo;
assert.equal(hasNextPage, true);
await fetchAll(artifact('PortsPaginationQuery'), { [identifierQueryVariableName]: page.nodeId, count: 3, cursor });
const both = read('Ports', shown().host).ports.edges.map(({ node }) => node.id);
assert.equal(new Set(both).size, 5);
assert.deepEqual(both.slice(0, 2), page.ports.edges.map(({ node }) => node.id));

assert.deepEqual(sent, ['queryPortQuery', 'queryPortRefetchQuery', 'queryPortsPaginationQuery']);
process.stdout.write('ok\n');
