// What the client preset of GraphQL Code Generator makes of fragments, interfaces and enumerations.
import { type FragmentType, graphql, useFragment } from './generated/preset/index.js';

const Reputation = graphql(`
  fragment PresetReputation on Host { reputation { id score classification } }
`);

export const Port = graphql(`
  query PresetPort($id: ID!) {
    hostPort(id: $id) { id port status firstSeenDateTime host { __typename id ...PresetReputation ... on IpAddress { netblock } } }
    node(id: $id) { __typename id ... on HostPort { port } }
  }
`);

export function score(host: FragmentType<typeof Reputation>): number | null | undefined {
  const { reputation } = useFragment(Reputation, host);
  // @ts-expect-error a score is not a string
  const text: string | null | undefined = reputation?.score;
  return text === undefined ? undefined : reputation?.score;
}
