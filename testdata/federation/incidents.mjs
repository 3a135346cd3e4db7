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

  type Incident implements Node @key(fields: "id") {
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

  "A subgraph with Relay's fields of the root, as Portico has them where it stands alone."
  interface Node {
    id: ID!
  }

  extend type Query {
    node(id: ID!): Node
    nodes(ids: [ID!]!): [Node]!
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
    node: (_, { id }) => incidents.find((incident) => incident.id === id),
    nodes: (_, { ids }) => ids.map((id) => incidents.find((incident) => incident.id === id)),
    incidents: () => ({ nodes: incidents, pageInfo: { hasNextPage: false, hasPreviousPage: false } }),
  },
  Node: { __resolveType: () => 'Incident' },
  Host: { __resolveType: (host) => host.__typename },
  IpAddress: { incidents: (address) => incidents.filter((incident) => incident.host?.id === address.id) },
});

// What follows is another subgraph, which does not know of what type its hosts are: it adds notes to any.
export const notesTypeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@interfaceObject"])

  type Query {
    notes: [Note!]!
  }

  type Note {
    text: String!
    host: Host!
  }

  type Host @key(fields: "id") @interfaceObject {
    id: ID!
    notes: [Note!]!
  }
`);

export const notesResolversOf = (notes) => ({
  Query: { notes: () => notes },
  Host: { notes: (host) => notes.filter((note) => note.host.id === host.id) },
});
