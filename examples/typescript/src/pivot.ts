import type { ApolloClient, ObservableQuery } from '@apollo/client';
import { filter, takeWhile, type Observable } from 'rxjs';

import {
  CertificatePivotDocument,
  type CertificatePivotQuery,
  type CertificatePivotQueryVariables,
} from './operations.generated.js';

/** What is known so far, at first nothing. Parts of an answer can fail: then there is an `error` beside the data. */
export type Stage = ObservableQuery.Result<CertificatePivotQuery, 'empty' | 'streaming' | 'complete'>;

/** Pivots from a port to the hosts that showed its certificate. They come with the last stage, all else before. */
export function pivot(client: ApolloClient, variables: CertificatePivotQueryVariables): Observable<Stage> {
  return client.watchQuery({ query: CertificatePivotDocument, variables, errorPolicy: 'all' }).pipe(
    takeWhile(({ loading }) => loading, true), // or it would go on to watch the cache
    filter((stage) => stage.dataState !== 'partial'), // the cache gives parts of answers only if asked to
  );
}
