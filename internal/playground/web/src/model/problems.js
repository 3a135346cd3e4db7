import { visible } from './text.js';

// problems are the errors and the warnings of a response in words. documented is the documentation of the codes, as the server
// has it at errors.json. Equal ones are one, with all their paths.
export function problems(response, documented = []) {
  const byCode = new Map(documented.map((entry) => [entry.code, entry]));
  const found = new Map();
  const add = (kind, item, extensions) => {
    const code = typeof extensions.code === 'string' ? extensions.code : '';
    const message = visible(item?.message ?? 'The response has an error without a message.');
    const hint = extensions.hint === undefined ? '' : visible(extensions.hint);
    const raw = extensions.raw === undefined ? '' : visible(extensions.raw);
    const key = JSON.stringify([kind, code, message, hint, raw]);
    const entry = byCode.get(code);
    if (!found.has(key)) {
      found.set(key, { kind, code, message, hint, raw, cause: entry?.cause ?? '', remedy: remedy(code, entry, message), places: [], documented: Boolean(entry) });
    }
    const place = where(item);
    if (place) found.get(key).places.push(place);
  };
  for (const item of list(response?.errors)) add('error', item, item?.extensions ?? {});
  for (const item of list(response?.extensions?.warnings)) add('warning', item, item ?? {});
  return [...found.values()];
}

const list = (value) => (Array.isArray(value) ? value : []);

// What fetch says where there was no response at all, in Chromium, Firefox and Safari.
const unreachable = /^(Failed to fetch|NetworkError when attempting|Load failed|network error)/i;

function remedy(code, entry, message) {
  if (entry) return entry.remedy;
  if (!code && unreachable.test(message)) return 'Portico did not respond. Check that it is running and reachable, then run the query again.';
  return '';
}

function where(item) {
  if (Array.isArray(item?.path)) return visible(item.path.join('.'));
  const at = item?.locations?.[0];
  return at ? `line ${at.line}, column ${at.column}` : '';
}
