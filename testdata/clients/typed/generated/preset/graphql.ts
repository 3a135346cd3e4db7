/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** What a scan found on a port. */
export type HostPortStatus =
  /** The port answered and takes no connections. */
  | 'CLOSED'
  /** Something between, such as a firewall, kept the scan from telling. */
  | 'FILTERED'
  /** The port answered and takes connections. */
  | 'OPEN'
  /** A value that this schema does not know. */
  | 'UNKNOWN';

/** The class of a reputation. `UNKNOWN` is Microsoft Graph's own word too. */
export type HostReputationClassification =
  /** The host is known to be bad. */
  | 'MALICIOUS'
  /** Nothing speaks against the host. */
  | 'NEUTRAL'
  /** Something speaks against the host. */
  | 'SUSPICIOUS'
  /** A value that this schema does not know. */
  | 'UNKNOWN';

type PresetReputation_Hostname_Fragment = { reputation: { id: string, score: number | null, classification: HostReputationClassification | null } | null } & { ' $fragmentName'?: 'PresetReputation_Hostname_Fragment' };

type PresetReputation_IpAddress_Fragment = { reputation: { id: string, score: number | null, classification: HostReputationClassification | null } | null } & { ' $fragmentName'?: 'PresetReputation_IpAddress_Fragment' };

export type PresetReputationFragment =
  | PresetReputation_Hostname_Fragment
  | PresetReputation_IpAddress_Fragment
;

export type PresetPortQueryVariables = Exact<{
  id: string;
}>;


export type PresetPortQuery = { hostPort: { id: string, port: number | null, status: HostPortStatus | null, firstSeenDateTime: string | null, host:
      | (
        { __typename: 'Hostname', id: string }
        & { ' $fragmentRefs'?: { 'PresetReputation_Hostname_Fragment': PresetReputation_Hostname_Fragment } }
      )
      | (
        { __typename: 'IpAddress', netblock: string | null, id: string }
        & { ' $fragmentRefs'?: { 'PresetReputation_IpAddress_Fragment': PresetReputation_IpAddress_Fragment } }
      )
     | null } | null, node:
    | { __typename: 'Article', id: string }
    | { __typename: 'ArticleIndicator', id: string }
    | { __typename: 'HostComponent', id: string }
    | { __typename: 'HostCookie', id: string }
    | { __typename: 'HostPair', id: string }
    | { __typename: 'HostPort', port: number | null, id: string }
    | { __typename: 'HostSslCertificate', id: string }
    | { __typename: 'HostTracker', id: string }
    | { __typename: 'Hostname', id: string }
    | { __typename: 'IntelligenceProfile', id: string }
    | { __typename: 'IntelligenceProfileIndicator', id: string }
    | { __typename: 'IpAddress', id: string }
    | { __typename: 'PassiveDnsRecord', id: string }
    | { __typename: 'SslCertificate', id: string }
    | { __typename: 'Subdomain', id: string }
    | { __typename: 'UnclassifiedArtifact', id: string }
    | { __typename: 'Vulnerability', id: string }
    | { __typename: 'VulnerabilityComponent', id: string }
    | { __typename: 'WhoisHistoryRecord', id: string }
    | { __typename: 'WhoisRecord', id: string }
   | null };

export const PresetReputationFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"PresetReputation"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Host"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reputation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"score"}},{"kind":"Field","name":{"kind":"Name","value":"classification"}}]}}]}}]} as unknown as DocumentNode<PresetReputationFragment, unknown>;
export const PresetPortDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"PresetPort"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hostPort"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"port"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"firstSeenDateTime"}},{"kind":"Field","name":{"kind":"Name","value":"host"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"PresetReputation"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"IpAddress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"netblock"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"HostPort"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"port"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"PresetReputation"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Host"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reputation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"score"}},{"kind":"Field","name":{"kind":"Name","value":"classification"}}]}}]}}]} as unknown as DocumentNode<PresetPortQuery, PresetPortQueryVariables>;