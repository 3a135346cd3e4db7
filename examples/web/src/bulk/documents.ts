import { graphql } from '../gql';

export const BulkHosts = graphql(`
  query BulkHosts($ids: [ID!]!) {
    hosts(ids: $ids) {
      id
      firstSeenDateTime
      lastSeenDateTime
      ... on Hostname { registrar registrant }
      ... on IpAddress { countryOrRegion autonomousSystem { number name organization } }
      reputation { id classification score }
      ports(first: 5, where: { status: [OPEN] }, orderBy: LAST_SEEN_DESC) { totalCount nodes { id port } }
    }
  }
`);

export const BulkVulnerabilities = graphql(`
  query BulkVulnerabilities($ids: [ID!]!) {
    vulnerabilities(ids: $ids) {
      id
      severity
      priorityScore
      activeExploitsObserved
      exploitsAvailable
      publishedDateTime
      lastModifiedDateTime
    }
  }
`);

export const BulkFingerprint = graphql(`
  query BulkFingerprint($sha1: String!) {
    sslCertificates(search: { sha1: $sha1 }, first: 1) {
      nodes { id firstSeenDateTime lastSeenDateTime isExpired subject { commonName } }
    }
  }
`);
