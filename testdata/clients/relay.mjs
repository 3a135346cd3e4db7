// Relay's compiler has written the artifacts; its runtime reads each part as a response of its own.
import assert from 'node:assert/strict';
import relay from 'relay-runtime';
import { meros } from 'meros/node';
import { request } from 'node:http';
import operation from './relay/__generated__/queryQuery.graphql.js';
import outer from './relay/__generated__/queryOuter.graphql.js';
import inner from './relay/__generated__/queryInner.graphql.js';

const { Environment, Network, Observable, RecordSource, Store, createOperationDescriptor, getSingularSelector } = relay;

const send = (url, body) =>
  new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', Accept: 'multipart/mixed; deferSpec=20220824, application/json' };
    request(url, { method: 'POST', headers }, resolve).on('error', reject).end(body);
  });

async function* responses(url, { text }, variables) {
  const body = JSON.stringify({ query: text, variables });
  for await (const { body: payload } of await meros(await send(url, body))) {
    for (const part of payload.incremental ?? [payload]) yield { ...part, extensions: { is_final: !payload.hasNext } };
  }
}

export async function runRelay(url, id, whole) {
  const fetch = (params, variables) =>
    Observable.create((sink) => {
      (async () => {
        for await (const response of responses(url, params, variables)) sink.next(response);
        sink.complete();
      })().catch((error) => sink.error(error));
    });
  const environment = new Environment({ network: Network.create(fetch), store: new Store(new RecordSource()) });
  const descriptor = createOperationDescriptor(operation, { id });
  environment.retain(descriptor);
  const read = (fragment, owner) => environment.lookup(getSingularSelector(fragment, owner));
  const seen = [];
  await new Promise((complete, error) => environment.execute({ operation: descriptor }).subscribe({
    complete,
    error,
    next() {
      const port = environment.lookup(descriptor.fragment).data.hostPort;
      const part = read(outer, port);
      if (!part.isMissingData) assert.equal(part.data.status, whole.hostPort.status);
      seen.push(part.isMissingData ? 'waits' : read(inner, part.data.host).isMissingData ? 'outer' : 'inner');
    },
  }));
  assert.deepEqual([...new Set(seen)].slice(0, 2), ['waits', 'outer'], `Relay showed ${seen}`);
  const part = read(outer, environment.lookup(descriptor.fragment).data.hostPort);
  const { host, mostRecentSslCertificate: certificate } = part.data;
  const hosts = [[host, whole.hostPort.host], ...certificate.relatedHosts.nodes.map(
    (node, i) => [node, whole.hostPort.mostRecentSslCertificate.relatedHosts.nodes[i]])];
  for (const [ref, want] of hosts) {
    const { data, isMissingData } = read(inner, ref);
    assert.equal(isMissingData, false);
    assert.deepEqual(data, { firstSeenDateTime: want.firstSeenDateTime, reputation: { score: want.reputation.score } });
  }
}
