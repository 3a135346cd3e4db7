import { graphql } from '../gql';

/** Two hosts side by side. The lists have the arguments of the host's page, and share its cache. */
export const ComparePage = graphql(`
  query ComparePage($a: ID!, $b: ID!, $after: String) {
    a: host(id: $a) { ...Compared }
    b: host(id: $b) { ...Compared }
  }
`);

export const Compared = graphql(`
  fragment Compared on Host {
    id
    firstSeenDateTime
    lastSeenDateTime
    ... on Hostname { registrar registrant }
    ... on IpAddress { countryOrRegion hostingProvider netblock autonomousSystem { number name organization } }
    ...HostReputation
    ...HostPorts
    ...HostCertificates
    ...HostDns
    ...HostTrackers
    whois { ...WhoisState }
  }
`);
