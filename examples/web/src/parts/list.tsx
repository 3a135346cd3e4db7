import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { useState, type ReactNode } from 'react';

import { problemsOf, type Problem } from '../api/problems';
import { ProblemNotice } from './notice';
import { count } from './text';

/** What the page needs to know of a connection. */
export type Connection = {
  nodes: readonly unknown[];
  totalCount: number | null;
  isTruncated: boolean;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
};

export const countOf = ({ totalCount, nodes, pageInfo }: Connection): string =>
  totalCount === null ? `${nodes.length}${pageInfo.hasNextPage ? '+' : ''}` : totalCount.toLocaleString('en');

type MoreProps<Variables> = {
  what: string;
  connection: Connection;
  /** Asks for the next page of this list, and for nothing else. */
  document: TypedDocumentNode<unknown, Variables>;
  variables: Variables;
};

/** Below a list: whether it is complete, and the button that loads its next page into the cache. */
export function More<Variables extends OperationVariables>({ what, connection, document, variables }: MoreProps<Variables>) {
  const client = useApolloClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>();
  const load = async () => {
    setBusy(true);
    const after = { ...variables, after: connection.pageInfo.endCursor };
    const query = document as TypedDocumentNode<unknown, OperationVariables>;
    const result = await client.query({ query, variables: after, fetchPolicy: 'network-only', errorPolicy: 'all' }).catch((error: unknown) => ({ error }));
    setProblem(problemsOf(result.error)[0]);
    setBusy(false);
  };
  const lost = connection.nodes.filter((node) => node === null).length;
  return (
    <>
      {lost > 0 && <Footnote>{count(lost, 'entry', 'entries')} could not be read.</Footnote>}
      {connection.isTruncated && <Footnote>The list is incomplete: Portico sorts it, and it is longer than what Portico reads.</Footnote>}
      {problem && <ProblemNotice problem={problem} retry={() => void load()} />}
      {!problem && connection.pageInfo.hasNextPage && (
        <button type="button" className="button more" onClick={() => void load()} disabled={busy} aria-busy={busy}>
          {busy ? 'Loading…' : `Show more ${what}`}
        </button>
      )}
    </>
  );
}

const Footnote = ({ children }: { children: ReactNode }) => <p className="footnote warn">{children}</p>;
