// A subgraph of somebody else: incidents, which name ports and hosts by their keys. It knows no more of them than that,
// and adds to each address the incidents that it is part of.
import { parse } from 'graphql';

export const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])

  type Query {
    incidents: IncidentConnection!
  }

  type IncidentConnection {
    nodes: [Incident!]!
    pageInfo: PageInfo!
  }

  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }

  type Incident @key(fields: "id") {
    id: ID!
    port: HostPort
    host: Host
  }

  type HostPort @key(fields: "id", resolvable: false) {
    id: ID!
  }

  interface Host {
    id: ID!
  }

  type Hostname implements Host @key(fields: "id", resolvable: false) {
    id: ID!
  }

  type IpAddress implements Host @key(fields: "id") {
    id: ID!
    incidents: [Incident!]!
  }
`);

// resolversOf answers from incidents as they were given: { id, port: { id }, host: { __typename, id } }.
export const resolversOf = (incidents) => ({
  Query: {
    incidents: () => ({ nodes: incidents, pageInfo: { hasNextPage: false, hasPreviousPage: false } }),
  },
  Host: { __resolveType: (host) => host.__typename },
  IpAddress: { incidents: (address) => incidents.filter((incident) => incident.host?.id === address.id) },
});
