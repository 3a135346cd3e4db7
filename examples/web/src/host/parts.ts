import type { TypedDocumentNode } from '@apollo/client';

import type { Asked } from '../api/useAsk';
import { isFragmentReady, readFragment, type FragmentType } from '../gql';
import type { HostPageQuery } from '../gql/graphql';
import { HostPage } from './documents';

export type HostRef = NonNullable<HostPageQuery['host']>;

/** What each panel gets: the host as far as it has arrived, and the state of the query. */
export type PartOfHost = { host: HostRef; asked: Asked<HostPageQuery> };

/** Returns a fragment's data; undefined until it has arrived. */
export function arrived<Data>(document: TypedDocumentNode<Data, unknown>, host: HostRef): Data | undefined {
  const reference = host as unknown as FragmentType<TypedDocumentNode<Data, unknown>>;
  return isFragmentReady(HostPage, document, reference as never) ? readFragment(document, reference) : undefined;
}
