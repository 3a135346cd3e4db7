// What gql.tada reads out of documents, without generated code but for the schema.
import { initGraphQLTada, readFragment } from 'gql.tada';
const graphql = initGraphQLTada();
const Reputation = graphql(`
  fragment TadaReputation on Host { reputation { id score classification } }
`);
export const Port = graphql(`
    query TadaPort($id: ID!) {
      hostPort(id: $id) { id port status firstSeenDateTime host { __typename id ...TadaReputation ... on IpAddress { netblock } } }
      node(id: $id) { __typename id ... on HostPort { port } }
    }
  `, [Reputation]);
export function score(host) {
    const { reputation } = readFragment(Reputation, host);
    // @ts-expect-error a score is no text
    const text = reputation?.score;
    return text === undefined ? undefined : reputation?.score;
}
