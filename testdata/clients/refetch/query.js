import { graphql } from 'relay-runtime';

graphql`
  query queryPortQuery($id: ID!) {
    hostPort(id: $id) {
      ...queryPort
      host {
        ...queryPorts
      }
    }
  }
`;

graphql`
  fragment queryPort on HostPort @refetchable(queryName: "queryPortRefetchQuery") {
    id
    port
    status
  }
`;

graphql`
  fragment queryPorts on Host
  @refetchable(queryName: "queryPortsPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
    ports(first: $count, after: $cursor) @connection(key: "queryPorts_ports") {
      edges {
        node {
          id
          port
        }
      }
    }
  }
`;
