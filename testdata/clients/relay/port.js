import { graphql } from 'relay-runtime';

graphql`
  query portQuery($id: ID!) {
    hostPort(id: $id) {
      port
    }
  }
`;
