// What gql.tada reads out of documents, without generated code but for the schema.
import { initGraphQLTada, readFragment, type ResultOf } from 'gql.tada';
import type { introspection } from './generated/tada.js';

const graphql = initGraphQLTada<{ introspection: introspection; scalars: { DateTime: string; ID: string } }>();

const Reputation = graphql(`
  fragment TadaReputation on Host { reputation { id score classification } }
`);

export const Port = graphql(
  `
    query TadaPort($id: ID!) {
      hostPort(id: $id) { id port status firstSeenDateTime host { __typename id ...TadaReputation ... on IpAddress { netblock } } }
      node(id: $id) { __typename id ... on HostPort { port } }
    }
  `,
  [Reputation],
);

type Host = NonNullable<NonNullable<ResultOf<typeof Port>['hostPort']>['host']>;

export function score(host: Host): number | null | undefined {
  const { reputation } = readFragment(Reputation, host);
  // @ts-expect-error a score is not a string
  const text: string | null | undefined = reputation?.score;
  return text === undefined ? undefined : reputation?.score;
}
