
      export interface PossibleTypesResultData {
        possibleTypes: {
          [key: string]: string[]
        }
      }
      const result: PossibleTypesResultData = {
  "possibleTypes": {
    "Artifact": [
      "HostComponent",
      "HostCookie",
      "HostSslCertificate",
      "HostTracker",
      "Hostname",
      "IpAddress",
      "PassiveDnsRecord",
      "SslCertificate",
      "UnclassifiedArtifact"
    ],
    "Host": [
      "Hostname",
      "IpAddress"
    ],
    "Indicator": [
      "ArticleIndicator",
      "IntelligenceProfileIndicator"
    ],
    "Node": [
      "Article",
      "ArticleIndicator",
      "HostComponent",
      "HostCookie",
      "HostPair",
      "HostPort",
      "HostSslCertificate",
      "HostTracker",
      "Hostname",
      "IntelligenceProfile",
      "IntelligenceProfileIndicator",
      "IpAddress",
      "PassiveDnsRecord",
      "SslCertificate",
      "Subdomain",
      "UnclassifiedArtifact",
      "Vulnerability",
      "VulnerabilityComponent",
      "WhoisHistoryRecord",
      "WhoisRecord"
    ],
    "WhoisBaseRecord": [
      "WhoisHistoryRecord",
      "WhoisRecord"
    ]
  }
};
      export default result;
    