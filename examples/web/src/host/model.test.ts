import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axisOf, placeOf } from './axis.ts';
import { changesOf, type WhoisState } from './changes.ts';
import { subdomainName } from './subdomain.ts';

const state = (change: Partial<WhoisState>): WhoisState => ({
  domainStatus: 'ok', expirationDateTime: '2030-01-01T00:00:00.000Z', lastUpdateDateTime: '2024-01-01T00:00:00.000Z', lastSeenDateTime: null,
  registrar: { name: 'A', organization: null }, registrant: null, nameservers: null, ...change,
});

test('a WHOIS record is compared with the one before', () => {
  const steps = changesOf([state({ registrar: { name: 'C', organization: null } }), state({ registrar: { name: 'B', organization: null } }), state({})]);
  assert.deepEqual(steps.map((step) => step.changes), [
    [{ what: 'Registrar', before: 'B', after: 'C' }],
    [{ what: 'Registrar', before: 'A', after: 'B' }],
  ]);
});

test('the order of name servers is no change, another name server is', () => {
  const servers = (...ids: string[]) => state({ nameservers: ids.map((id) => ({ host: { id } })) });
  assert.deepEqual(changesOf([servers('a', 'b'), servers('b', 'a')])[0]?.changes, []);
  assert.equal(changesOf([servers('a'), servers('b', 'a')])[0]?.changes[0]?.before, 'a, b');
});

test('a single WHOIS record has no changes', () => assert.deepEqual(changesOf([state({})]), []));

const seen = (first: string | null, last: string | null) => ({ firstSeenDateTime: first, lastSeenDateTime: last });

test('sightings are placed on an axis from the first to the last', () => {
  const all = [seen('2020-01-01T00:00:00.000Z', '2022-01-01T00:00:00.000Z'), seen('2021-01-01T00:00:00.000Z', null), seen(null, null)];
  const axis = axisOf(all);
  assert.ok(axis);
  assert.deepEqual(axis.years.map(({ year }) => year), [2021, 2022]);
  assert.deepEqual(all.map((one) => Math.round(placeOf(one, axis)?.from ?? -1)), [0, 50, -1]);
});

test('without sightings there is no axis', () => assert.equal(axisOf([seen(null, null)]), null));

test('the name of a subdomain is in its id, or else its host', () => {
  const host = { id: 'example.com' };
  assert.equal(subdomainName({ id: btoa('mail.example.com$$example.com'), host }), 'mail.example.com');
  assert.equal(subdomainName({ id: btoa('other.example$$example.com'), host }), 'example.com');
  assert.equal(subdomainName({ id: '8e03a695-67c8', host: null }), '8e03a695-67c8');
});
