import { InMemoryCache, type FieldPolicy, type TypePolicies } from '@apollo/client';

import interfaces from '../gql/interfaces';

type Page = { nodes: unknown[] };

/**
 * Joins the pages of a list. Apollo's relayStylePagination does so for `edges`; this one is for `nodes`, which are half as long.
 * Lists with other conditions or another order are other lists. A request without `after` starts the list again.
 */
export function pages(): FieldPolicy<Page | null> {
  return {
    keyArgs: ['where', 'orderBy', 'search'],
    merge(existing, incoming, { args }) {
      if (!args?.['after'] || !existing || !incoming) return incoming;
      return { ...incoming, nodes: [...existing.nodes, ...incoming.nodes] };
    },
  };
}

const lists = {
  Host: ['ports', 'trackers', 'subdomains', 'sslCertificates', 'passiveDns', 'passiveDnsReverse'],
  SslCertificate: ['relatedHosts'],
  WhoisRecord: ['history'],
  Article: ['indicators'],
  IntelligenceProfile: ['indicators'],
  Vulnerability: ['articles', 'components'],
  Query: ['articles', 'intelligenceProfiles', 'sslCertificates'],
};

/** Objects without an id are parts of their owner: two selections of one are merged, or the second would drop the first. */
const embedded = ['AutonomousSystem', 'FormattedContent', 'SslCertificateEntity', 'PhysicalAddress', 'WhoisContact', 'CvssSummary'];

export function createCache(): InMemoryCache {
  const typePolicies: TypePolicies = Object.fromEntries(embedded.map((type) => [type, { merge: true }]));
  for (const [type, fields] of Object.entries(lists)) {
    typePolicies[type] = { fields: Object.fromEntries(fields.map((field) => [field, pages()])) };
  }
  return new InMemoryCache({ possibleTypes: interfaces.possibleTypes, typePolicies });
}
