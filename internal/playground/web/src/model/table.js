import { labelOf, isObject, meaning } from './walk.js';

// tables returns the lists of a response, the longest first. A list that is in each item of another, such as the ports of many
// hosts, is one table, whose first columns say where a row is from. Where there is no list, the entities at the root are one.
export function tables(response) {
  const found = new Map();
  gather(response?.data, [], {}, found);
  if (found.size === 0 && isObject(response?.data)) {
    const rows = Object.entries(response.data).filter(([, value]) => isObject(value)).map(([key, value]) => ({ field: key, ...flat(value) }));
    if (rows.length > 0) found.set('response', rows);
  }
  return [...found].map(([name, rows]) => finish(name, rows)).sort((a, b) => b.rows.length - a.rows.length);
}

function gather(value, path, owners, found) {
  if (Array.isArray(value)) gatherList(value, path, owners, found);
  else if (isObject(value)) gatherBelow(value, path, owners, found);
}

function gatherBelow(object, path, owners, found) {
  for (const [key, value] of Object.entries(object)) gather(value, [...path, key], owners, found);
}

function gatherList(list, path, owners, found) {
  const name = meaning(path).join('.');
  if (!list.some(isObject)) return;
  if (!found.has(name)) found.set(name, []);
  list.forEach((item, i) => {
    const entity = isObject(item) && path.at(-1) === 'edges' && isObject(item.node) ? item.node : item;
    found.get(name).push({ ...owners, ...(isObject(entity) ? flat(entity) : {}) });
    if (!isObject(entity)) return;
    gatherBelow(entity, path.at(-1) === 'edges' ? [...path, 'node'] : path, { ...owners, [name]: owner(entity, i) }, found);
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
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { name, columns, rows: rows.map((row) => columns.map((column) => row[column] ?? null)) };
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
