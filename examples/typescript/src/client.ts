import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';

import interfaces from './interfaces.generated.js';

/** Makes a client of the Portico whose endpoint is at `uri`. */
export function createClient(uri: string): ApolloClient {
  return new ApolloClient({
    link: new HttpLink({ uri }),
    cache: new InMemoryCache({ possibleTypes: interfaces.possibleTypes }), // for fragments on interfaces such as Host
    incrementalHandler: new Defer20220824Handler(), // the format in which Portico sends what is deferred
  });
}
