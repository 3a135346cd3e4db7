// Sends the typed documents to the endpoint at a URL: node build/main.js URL ID. Prints what both read as JSON.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import * as preset from './preset.js';
import * as tada from './tada.js';

declare const process: { argv: string[]; stdout: { write(text: string): void } };
const [url, id] = process.argv.slice(2) as [string, string];

async function send<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = (await answer.json()) as { data: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

// @ts-expect-error the id is required
void (() => send(preset.Port, {}));
// @ts-expect-error the id is text
void (() => send(tada.Port, { id: 1 }));

const a = await send(preset.Port, { id });
const b = await send(tada.Port, { id });
const port: number | null | undefined = a.hostPort?.port;
const netblock = b.hostPort?.host?.__typename === 'IpAddress' ? b.hostPort.host.netblock : null;
process.stdout.write(
  JSON.stringify({
    port,
    netblock,
    status: [a.hostPort?.status, b.hostPort?.status],
    node: [a.node?.__typename, b.node?.__typename === 'HostPort' ? b.node.port : null],
    scores: [a.hostPort?.host && preset.score(a.hostPort.host), b.hostPort?.host && tada.score(b.hostPort.host)],
  }),
);
