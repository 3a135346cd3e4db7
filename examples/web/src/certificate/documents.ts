import { graphql } from '../gql';

export const CertificatePage = graphql(`
  query CertificatePage($id: ID!, $after: String) {
    sslCertificate(id: $id) {
      ...CertificateFacts
      ...CertificateHosts @defer(label: "hosts")
    }
  }
`);

export const CertificateFacts = graphql(`
  fragment CertificateFacts on SslCertificate {
    id
    sha1
    serialNumber
    firstSeenDateTime
    lastSeenDateTime
    issueDateTime
    expirationDateTime
    isExpired
    isSelfSigned
    validityDays
    subject { commonName organizationName alternateNames }
    issuer { commonName organizationName }
  }
`);

/** A related host is only an id in Microsoft Graph: each reputation is an item of its own, so pages are short. */
export const CertificateHosts = graphql(`
  fragment CertificateHosts on SslCertificate {
    relatedHosts(first: 15, after: $after) {
      totalCount
      isTruncated
      pageInfo { hasNextPage endCursor }
      nodes { id reputation { id classification score } }
    }
  }
`);

export const MoreHosts = graphql(`
  query MoreHosts($id: ID!, $after: String) { sslCertificate(id: $id) { id ...CertificateHosts } }
`);

export const ByFingerprint = graphql(`
  query ByFingerprint($sha1: String!) {
    sslCertificates(search: { sha1: $sha1 }, first: 10) {
      nodes { ...CertificateFacts }
    }
  }
`);
