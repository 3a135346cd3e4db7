import { ApolloClient, ApolloLink, HttpLink } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import type { DocumentNode } from 'graphql';
import { tap } from 'rxjs';

import { createCache } from './cache';
import { extensionsOf, type Extensions } from './extensions';

/** The type of `fetch`. Signing in replaces it by one that sends tokens. */
export type Fetch = typeof fetch;

/** What an operation's context may have: who wants to know the extensions of its response. */
export type AskContext = { onExtensions?: (extensions: Extensions) => void };

/**
 * Sends the hash of a document, which the build wrote into persisted-documents.json, in place of its text. A Portico that does not
 * know the hash says so, and gets the text.
 */
function hashOf(document: DocumentNode): string {
  const { __meta__: meta } = document as DocumentNode & { __meta__?: { hash: string } };
  if (!meta) throw new Error('The document has no hash. Generate the types again: npm run generate');
  return meta.hash.replace('sha256:', '');
}

const reportExtensions = new ApolloLink((operation, forward) => {
  const { onExtensions } = operation.getContext() as AskContext;
  return forward(operation).pipe(tap((result) => onExtensions?.(extensionsOf(result))));
});

export function createClient(uri: string, send: Fetch): ApolloClient {
  return new ApolloClient({
    cache: createCache(),
    link: ApolloLink.from([
      reportExtensions,
      new PersistedQueryLink({ generateHash: hashOf }),
      new HttpLink({ uri, fetch: send }),
    ]),
    incrementalHandler: new Defer20220824Handler(), // the format in which Portico sends deferred parts
  });
}
