import { graphql } from '../gql';

/** The host's page: what is known at once, and one part for each panel, which arrive later in one batch. */
export const HostPage = graphql(`
  query HostPage($id: ID!, $after: String) {
    host(id: $id) {
      id
      firstSeenDateTime
      lastSeenDateTime
      ... on Hostname { registrar registrant }
      ... on IpAddress { countryOrRegion hostingProvider netblock autonomousSystem { number name organization } }
      ...HostReputation
      ...HostPorts @defer(label: "ports")
      ...HostCertificates @defer(label: "certificates")
      ...HostDns @defer(label: "dns")
      ...HostWhois @defer(label: "whois")
      ...HostSubdomains @defer(label: "subdomains")
      ...HostTrackers @defer(label: "trackers")
    }
  }
`);

export const HostReputation = graphql(`
  fragment HostReputation on Host {
    reputation { id classification score rules { name severity description relatedDetailsUrl } }
  }
`);

export const HostPorts = graphql(`
  fragment HostPorts on Host {
    ports(first: 15, after: $after, where: { status: [OPEN] }, orderBy: LAST_SEEN_DESC) {
      totalCount
      isTruncated
      pageInfo { hasNextPage endCursor }
      nodes {
        id
        port
        protocol
        firstSeenDateTime
        lastSeenDateTime
        banners { banner }
        services { isRecent component { id name version } }
        mostRecentSslCertificate { id }
      }
    }
  }
`);

export const HostCertificates = graphql(`
  fragment HostCertificates on Host {
    sslCertificates(first: 10, after: $after, orderBy: LAST_SEEN_DESC) {
      totalCount
      isTruncated
      pageInfo { hasNextPage endCursor }
      nodes {
        id
        firstSeenDateTime
        lastSeenDateTime
        ports { port }
        sslCertificate { id sha1 expirationDateTime isExpired isSelfSigned subject { commonName } issuer { commonName } }
      }
    }
  }
`);

export const HostDns = graphql(`
  fragment HostDns on Host {
    passiveDns(first: 20, after: $after, orderBy: LAST_SEEN_DESC) {
      totalCount
      isTruncated
      pageInfo { hasNextPage endCursor }
      nodes { ...DnsRecord }
    }
    passiveDnsReverse(first: 20, after: $after, orderBy: LAST_SEEN_DESC) {
      totalCount
      isTruncated
      pageInfo { hasNextPage endCursor }
      nodes { ...DnsRecord }
    }
  }
`);

export const DnsRecord = graphql(`
  fragment DnsRecord on PassiveDnsRecord {
    id
    recordType
    firstSeenDateTime
    lastSeenDateTime
    artifact { id ... on UnclassifiedArtifact { kind value } }
  }
`);

export const HostWhois = graphql(`
  fragment HostWhois on Host {
    whois {
      ...WhoisState
      history(first: 10, orderBy: LAST_UPDATE_DESC) { isTruncated nodes { ...WhoisState } }
    }
  }
`);

export const WhoisState = graphql(`
  fragment WhoisState on WhoisBaseRecord {
    id
    domainStatus
    registrationDateTime
    expirationDateTime
    lastUpdateDateTime
    lastSeenDateTime
    registrar { name organization }
    registrant { name organization email }
    nameservers { host { id } }
  }
`);

export const HostSubdomains = graphql(`
  fragment HostSubdomains on Host {
    subdomains(first: 20, after: $after) {
      totalCount
      isTruncated
      pageInfo { hasNextPage endCursor }
      nodes { id firstSeenDateTime host { id } }
    }
  }
`);

export const HostTrackers = graphql(`
  fragment HostTrackers on Host {
    trackers(first: 20, after: $after) {
      totalCount
      isTruncated
      pageInfo { hasNextPage endCursor }
      nodes { id kind value firstSeenDateTime lastSeenDateTime }
    }
  }
`);

export const MorePorts = graphql(`
  query MorePorts($id: ID!, $after: String) { host(id: $id) { id ...HostPorts } }
`);
export const MoreCertificates = graphql(`
  query MoreCertificates($id: ID!, $after: String) { host(id: $id) { id ...HostCertificates } }
`);
export const MoreDns = graphql(`
  query MoreDns($id: ID!, $after: String) {
    host(id: $id) {
      id
      passiveDns(first: 20, after: $after, orderBy: LAST_SEEN_DESC) {
        totalCount
        isTruncated
        pageInfo { hasNextPage endCursor }
        nodes { ...DnsRecord }
      }
    }
  }
`);
export const MoreReverseDns = graphql(`
  query MoreReverseDns($id: ID!, $after: String) {
    host(id: $id) {
      id
      passiveDnsReverse(first: 20, after: $after, orderBy: LAST_SEEN_DESC) {
        totalCount
        isTruncated
        pageInfo { hasNextPage endCursor }
        nodes { ...DnsRecord }
      }
    }
  }
`);
export const MoreSubdomains = graphql(`
  query MoreSubdomains($id: ID!, $after: String) { host(id: $id) { id ...HostSubdomains } }
`);
export const MoreTrackers = graphql(`
  query MoreTrackers($id: ID!, $after: String) { host(id: $id) { id ...HostTrackers } }
`);
