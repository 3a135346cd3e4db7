// What foreign clients make of a response in parts: the states that each shows, one after the other.
import assert from 'node:assert/strict';

export const query = `query ($id: ID!) {
  hostPort(id: $id) {
    id
    port
    ... @defer(label: "outer") {
      status
      protocol
      host {
        id
        ... @defer(label: "inner") { firstSeenDateTime reputation { id score } }
      }
      mostRecentSslCertificate {
        id
        sha1
        relatedHosts(first: 2) {
          nodes {
            id
            ... @defer(label: "related") { firstSeenDateTime reputation { id score } }
          }
        }
      }
    }
  }
}`;

// check fails unless the last state is the response in one piece, and every state before it holds nothing else.
export function check(client, states, whole) {
  assert.ok(states.length > 2, `${client} showed ${states.length} states`);
  for (const [i, state] of states.entries()) within(client, state, whole, `state ${i}`);
  assert.deepEqual(plain(states.at(-1)), whole, `${client} ends with another response`);
}

function within(client, part, whole, path) {
  if (part === null || typeof part !== 'object') {
    return assert.deepEqual(part, whole, `${client}: ${path} is ${part} first, and ${JSON.stringify(whole)} in the end`);
  }
  assert.ok(whole, `${client}: ${path} is not in the whole response`);
  for (const [name, value] of Object.entries(part)) {
    if (name !== '__typename' && value !== undefined) within(client, value, whole[name], `${path}.${name}`);
  }
}

// plain is a state without what clients add to it.
export const plain = (value) =>
  JSON.parse(JSON.stringify(value, (name, inner) => (name === '__typename' ? undefined : inner)));
