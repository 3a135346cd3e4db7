import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compare, type Value } from './model.ts';

const values = (...keys: string[]): Value[] => keys.map((key) => ({ key, label: key }));

test('what both hosts have is shared', () => {
  const rows = compare(['Ports'], new Map([['Ports', values('22', '443')]]), new Map([['Ports', values('443', '80')]]));
  assert.deepEqual(rows[0]?.shared.map(({ key }) => key), ['443']);
});

test('what is not known of one host is not shared', () => {
  const rows = compare(['Ports'], new Map([['Ports', values('22')]]), new Map([['Ports', undefined]]));
  assert.deepEqual(rows, [{ what: 'Ports', a: values('22'), b: undefined, shared: [] }]);
});
