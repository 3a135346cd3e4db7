import { graphql } from 'relay-runtime';

graphql`
  query queryQuery($id: ID!) {
    hostPort(id: $id) {
      port
      ...queryOuter @defer(label: "outer")
    }
  }
`;

graphql`
  fragment queryOuter on HostPort {
    status
    protocol
    host {
      id
      ...queryInner @defer(label: "inner")
    }
    mostRecentSslCertificate {
      sha1
      relatedHosts(first: 2) {
        nodes {
          id
          ...queryInner @defer(label: "related")
        }
      }
    }
  }
`;

graphql`
  fragment queryInner on Host {
    firstSeenDateTime
    reputation {
      score
    }
  }
`;
