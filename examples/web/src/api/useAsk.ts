import { NetworkStatus, type OperationVariables, type TypedDocumentNode } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useState } from 'react';

import type { AskContext } from './client';
import type { Extensions } from './extensions';
import { remember, remembered, type Whole } from './memory';
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
  /** The last response that was complete and had no problem. */
  whole: Whole<Data> | undefined;
  /** Nothing of a newer response can be shown: data is that of `whole`. */
  stale: boolean;
  retry: () => void;
};

/**
 * Asks Portico, and shows what the cache has in the meantime: cache-and-network, because the cache keeps the nulls of fields that
 * failed, and not their errors. Portico has a cache of its own, so asking again costs little. Mount a component anew for other
 * variables (`key`).
 */
export function useAsk<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>, variables: Variables,
): Asked<Data> {
  const [extensions, setExtensions] = useState<Extensions>({});
  const onExtensions = useCallback((next: Extensions) => setExtensions((all) => ({ ...all, ...next })), []);
  const context: AskContext = { onExtensions };
  const result = useQuery(document, {
    variables, context, errorPolicy: 'all', fetchPolicy: 'cache-and-network', nextFetchPolicy: 'cache-first',
  } as unknown as useQuery.Options<Data, Variables>);
  const data = result.data as Data | undefined;
  const problems = problemsOf(result.error);
  const arriving = result.networkStatus !== NetworkStatus.ready && result.networkStatus !== NetworkStatus.error;
  const complete = data !== undefined && !arriving && problems.length === 0;
  useEffect(() => {
    if (complete) remember(document, variables, data);
  }, [complete, data]); // document and variables stay the same as long as the component is mounted
  const whole = remembered<Data>(document, variables);
  const stale = !arriving && whole !== undefined && problems.some((problem) => problem.path.length <= 1);
  return {
    data: stale ? whole.data : data, loading: !data && arriving, arriving, problems, extensions, whole, stale,
    retry: () => void result.refetch().catch(() => undefined),
  };
}
