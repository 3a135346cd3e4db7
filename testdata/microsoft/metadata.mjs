// Validates a metadata document by the schema and the reader of the OASIS committee that standardizes OData:
//   node metadata.mjs < {"url": …}
// Prints the number of types and containers.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import Ajv from 'ajv';

const require = createRequire(import.meta.url);
const { xml2json } = require('odata-csdl');
const schema = require('odata-csdl/schemas/csdl.schema.json');

const { url } = JSON.parse(await text(process.stdin));
const xml = await (await fetch(`${url}/v1.0/$metadata`)).text();

const messages = [];
const csdl = xml2json(xml, { strict: true, messages });
assert.deepEqual(messages, []);
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
assert.ok(validate(csdl), JSON.stringify(validate.errors, null, 2));

// Neither looks whether the types exist that a document names.
const types = new Set();
const aliases = {};
for (const [namespace, members] of Object.entries(csdl).filter(([name]) => !name.startsWith('$'))) {
  if (members.$Alias) aliases[members.$Alias] = namespace;
  for (const [name, member] of Object.entries(members)) if (member.$Kind) types.add(`${namespace}.${name}`);
}
const full = (name) => {
  const cut = name.lastIndexOf('.');
  const namespace = name.slice(0, cut);
  return `${aliases[namespace] ?? namespace}${name.slice(cut)}`;
};
const check = (value, path) => {
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'object') check(member, `${path}/${name}`);
    else if (['$Type', '$BaseType'].includes(name) && !member.startsWith('Edm.')) {
      assert.ok(types.has(full(member)), `${path}: ${member} does not exist`);
    }
  }
};
check(csdl, '');
process.stdout.write(`${types.size}\n`);
