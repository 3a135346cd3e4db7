// Reads the schema of a running Portico as clients' tools do, by introspection and as text, and fails unless both are the
// same schema. Arguments: the URL of Portico without a slash at the end.
import assert from 'node:assert/strict';
import {
  buildClientSchema, buildSchema, findBreakingChanges, findDangerousChanges, getIntrospectionQuery, lexicographicSortSchema, parse, printSchema,
  validate, validateSchema,
} from 'graphql';

const url = process.argv[2];
const query = getIntrospectionQuery({
  oneOf: true, inputValueDeprecation: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true,
});
const response = await fetch(url + '/graphql', {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }),
});
const { data, errors } = await response.json();
assert.equal(errors, undefined);

const introspected = buildClientSchema(data);
const written = buildSchema(await (await fetch(url + '/schema.graphqls')).text());
for (const schema of [introspected, written]) {
  assert.deepEqual(validateSchema(schema), []);
  assert.equal(schema.getType('WhoisContactSearch').isOneOf, true);
  const twice = parse('{ sslCertificates(search: { sha1: "a", fingerprint: "b" }) { totalCount } }');
  assert.equal(validate(schema, twice).length, 1, 'two members of a @oneOf input');
  for (const name of ['defer', 'oneOf']) assert.ok(schema.getDirective(name)?.description, '@' + name);
}
assert.deepEqual([...findBreakingChanges(written, introspected), ...findDangerousChanges(written, introspected)], []);
const sorted = (schema) => printSchema(lexicographicSortSchema(schema));
assert.equal(sorted(introspected), sorted(written));
