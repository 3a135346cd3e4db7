import type { ApolloClient, OperationVariables, TypedDocumentNode } from '@apollo/client';

import { problemAt, problemsOf, type Problem } from '../api/problems';
import type { Indicators } from '../search/indicators';
import { BulkFingerprint, BulkHosts, BulkVulnerabilities } from './documents';
import { failed, ofCertificate, ofHost, ofVulnerability, unknown, waiting, type Row } from './rows';

/** What one request is about: rows of one kind. */
export type Chunk = { kind: Row['kind']; rows: Row[] };

/** Twenty hosts are about a quarter of what one operation may cost, and the first rows are there soon. */
const sizes: Record<Row['kind'], number> = { host: 20, vulnerability: 50, certificate: 1 };

export const rowsOf = ({ hosts, cves, fingerprints }: Indicators): Row[] => [
  ...hosts.map((id) => waiting('host', id)), ...cves.map((id) => waiting('vulnerability', id)), ...fingerprints.map((sha1) => waiting('certificate', sha1)),
];

export function chunksOf(rows: Row[]): Chunk[] {
  const chunks: Chunk[] = [];
  for (const kind of ['host', 'vulnerability', 'certificate'] as const) {
    const all = rows.filter((row) => row.kind === kind);
    for (let i = 0; i < all.length; i += sizes[kind]) chunks.push({ kind, rows: all.slice(i, i + sizes[kind]) });
  }
  return chunks;
}

type Answer<Data> = { data?: Data | undefined; problems: Problem[] };

async function ask<Data, Variables extends OperationVariables>(
  client: ApolloClient, query: TypedDocumentNode<Data, Variables>, variables: Variables, signal: AbortSignal,
): Promise<Answer<Data>> {
  try {
    const options = { query: query as TypedDocumentNode<unknown, OperationVariables>, variables, errorPolicy: 'all' as const, fetchPolicy: 'network-only' as const, context: { fetchOptions: { signal } } };
    const { data, error } = await client.query(options);
    return { data: data as Data | undefined, problems: problemsOf(error) };
  } catch (error) {
    return { problems: problemsOf(error) };
  }
}

/** Asks about one chunk, and returns its rows: found, unknown or failed. */
export async function load(client: ApolloClient, { kind, rows }: Chunk, signal: AbortSignal): Promise<Row[]> {
  const ids = rows.map(({ indicator }) => indicator);
  if (kind === 'host') {
    const { data, problems } = await ask(client, BulkHosts, { ids }, signal);
    return filled(rows, 'hosts', data?.hosts, problems, ofHost);
  }
  if (kind === 'vulnerability') {
    const { data, problems } = await ask(client, BulkVulnerabilities, { ids }, signal);
    return filled(rows, 'vulnerabilities', data?.vulnerabilities, problems, ofVulnerability);
  }
  const { data, problems } = await ask(client, BulkFingerprint, { sha1: ids[0] ?? '' }, signal);
  return filled(rows, 'sslCertificates', data?.sslCertificates && [data.sslCertificates.nodes[0] ?? null], problems, ofCertificate);
}

/** A row that is null without a problem is unknown. One whose reputation failed has failed: it must not look unjudged. */
function filled<Item>(rows: Row[], field: string, items: readonly (Item | null)[] | null | undefined, problems: Problem[], fill: (row: Row, item: Item) => Row): Row[] {
  return rows.map((row, i) => {
    const item = items?.[i];
    const problem = problemAt(problems, [field, i]) ?? problemAt(problems, [field, i, 'reputation']);
    if (problem) return failed(row, problem);
    if (item) return fill(row, item);
    const [other] = problems;
    return items || !other ? unknown(row) : failed(row, other);
  });
}
