/* eslint-disable */
import * as types from './graphql.js';
const documents = {
    "\n  fragment PresetReputation on Host { reputation { id score classification } }\n": types.PresetReputationFragmentDoc,
    "\n  query PresetPort($id: ID!) {\n    hostPort(id: $id) { id port status firstSeenDateTime host { __typename id ...PresetReputation ... on IpAddress { netblock } } }\n    node(id: $id) { __typename id ... on HostPort { port } }\n  }\n": types.PresetPortDocument,
};
export function graphql(source) {
    return documents[source] ?? {};
}
