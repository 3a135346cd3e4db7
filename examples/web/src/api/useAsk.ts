import { NetworkStatus, type OperationVariables, type TypedDocumentNode } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { useCallback, useRef, useState } from 'react';

import type { AskContext } from './client';
import type { Extensions } from './extensions';
import { problemsOf, type Problem } from './problems';

/** A query as a page sees it. */
export type Asked<Data> = {
  data: Data | undefined;
  /** The first part of the response is not there yet, and neither is an earlier response. */
  loading: boolean;
  /** Something may still arrive. What is null or missing until then is not known. */
  arriving: boolean;
  problems: Problem[];
  extensions: Extensions;
  /** When the data arrived that is shown although a newer request failed. */
  staleSince: Date | undefined;
  retry: () => void;
};

/** When the data of each query arrived, while the page is open. */
const arrivals = new Map<string, Date>();

/**
 * Asks Portico, and shows what the cache has in the meantime: cache-and-network, because the cache keeps the nulls of fields that
 * failed, and not their errors. Portico has a cache of its own, so asking again costs little. Mount a component anew for other
 * variables (`key`): an earlier response is shown if a newer request fails, and it must be about the same thing.
 */
export function useAsk<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>, variables: Variables, skip = false,
): Asked<Data> {
  const [extensions, setExtensions] = useState<Extensions>({});
  const key = `${JSON.stringify(variables)} ${(document as { __meta__?: { hash: string } }).__meta__?.hash}`;
  const onExtensions = useCallback((next: Extensions) => setExtensions((all) => ({ ...all, ...next })), []);
  const context: AskContext = { onExtensions };
  const result = useQuery(document, {
    variables, context, skip, errorPolicy: 'all', fetchPolicy: 'cache-and-network', nextFetchPolicy: 'cache-first',
  } as unknown as useQuery.Options<Data, Variables>);
  const problems = problemsOf(result.error);
  const arriving = result.networkStatus !== NetworkStatus.ready && result.networkStatus !== NetworkStatus.error;
  const kept = useRef<Data | undefined>(undefined);
  const data = result.data as Data | undefined;
  if (data && (problems.length === 0 || !kept.current)) kept.current = data;
  const arrived = useRef(false);
  if (arriving) arrived.current = false;
  else if (data && problems.length === 0 && !arrived.current) {
    arrived.current = true;
    arrivals.set(key, new Date());
  }
  const failed = !arriving && problems.some((problem) => problem.path.length <= 1);
  const stale = failed && kept.current !== undefined && arrivals.has(key);
  return {
    data: stale ? kept.current : data, loading: !data && arriving, arriving, problems, extensions,
    staleSince: stale ? arrivals.get(key) : undefined,
    retry: () => void result.refetch().catch(() => undefined),
  };
}
