import { labelOf, isObject, meaning } from './walk.js';

// tables returns the lists of a response, the longest first. A list that is in each item of another, such as the ports of many
// hosts, is one table, whose first columns say where a row is from. Where there is no list, the entities at the root are one.
// asked are the ids that a list at the root was requested by: they name the null items, which Microsoft Graph does not know.
export function tables(response, asked = {}) {
  const found = new Map();
  gather(response?.data, [], {}, found, asked);
  if (found.size === 0 && isObject(response?.data)) {
    const rows = Object.entries(response.data).filter(([, value]) => isObject(value)).map(([key, value]) => ({ field: key, ...flat(value) }));
    if (rows.length > 0) found.set('response', rows);
  }
  return [...found].map(([name, rows]) => finish(name, rows)).sort((a, b) => b.rows.length - a.rows.length);
}

function gather(value, path, owners, found, asked) {
  if (Array.isArray(value)) gatherList(value, path, owners, found, asked);
  else if (isObject(value)) gatherBelow(value, path, owners, found, asked);
}

function gatherBelow(object, path, owners, found, asked) {
  for (const [key, value] of Object.entries(object)) gather(value, [...path, key], owners, found, asked);
}

function gatherList(list, path, owners, found, asked) {
  const name = meaning(path).join('.');
  const ids = path.length === 1 && asked[name]?.length === list.length ? asked[name] : undefined;
  if (!list.some(isObject) && !ids) return;
  if (!found.has(name)) found.set(name, []);
  list.forEach((item, i) => {
    const entity = isObject(item) && path.at(-1) === 'edges' && isObject(item.node) ? item.node : item;
    const from = ids ? { ...owners, requested: ids[i] } : owners;
    found.get(name).push({ ...from, ...(isObject(entity) ? flat(entity) : {}) });
    if (!isObject(entity)) return;
    gatherBelow(entity, path.at(-1) === 'edges' ? [...path, 'node'] : path, { ...owners, [name]: owner(entity, i) }, found, asked);
  });
}

const owner = (entity, i) => (typeof entity.id === 'string' ? entity.id : labelOf(entity) || `#${i + 1}`);

// flat is an entity as columns: objects in it by a dot, lists in it as text.
function flat(entity, prefix = '') {
  const row = {};
  for (const [key, value] of Object.entries(entity)) {
    if (Array.isArray(value)) row[prefix + key] = listed(value);
    else if (isObject(value)) Object.assign(row, connection(value) ? { [prefix + key]: total(value) } : flat(value, `${prefix}${key}.`));
    else row[prefix + key] = value;
  }
  return row;
}

const connection = (value) => Array.isArray(value.nodes) || Array.isArray(value.edges);
const total = (value) => listed((value.nodes ?? value.edges).map((item) => item?.node ?? item));

function listed(values) {
  const texts = values.map((value) => (isObject(value) ? labelOf(value) || JSON.stringify(value) : String(value)));
  return texts.length > 20 ? `${texts.slice(0, 20).join('; ')}; … (${texts.length})` : texts.join('; ');
}

function finish(name, rows) {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { name, columns: keys.map((key) => title(key, name, keys)), rows: rows.map((row) => keys.map((key) => row[key] ?? null)) };
}

// An owner's column is called by the list that the owner is in, unless the name is taken.
function title(key, name, keys) {
  const last = key.split('.').at(-1);
  return name.startsWith(`${key}.`) && !keys.includes(last) ? last : key;
}

// sorted orders rows by a column: numbers by value, text by the rules of the reader's language, nothing at the end.
export function sorted(rows, column, descending) {
  if (column < 0) return rows;
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  return rows.toSorted((a, b) => {
    const [x, y] = [a[column], b[column]];
    if (x === null || y === null) return (x === null) - (y === null);
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : compare(String(x), String(y));
    return descending ? -order : order;
  });
}
