import { short } from './text.js';
import { labelOf, meaning, names, walk } from './walk.js';

// instant is the time in milliseconds, or null for what is not a time.
function instant(value) {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d/.test(value)) return null;
  const time = Date.parse(value);
  return Number.isFinite(time) ? time : null;
}

function seen(object, first) {
  for (const [key, value] of Object.entries(object)) {
    if (new RegExp(`^${first ? 'first' : 'last'}(Seen|Active)`).test(key)) return instant(value);
  }
  return null;
}

// timeline returns an event for each object of the response that has a first or a last sighting, by kind: its type where the
// response or the query tells it, and otherwise the field that it is in. At most `most` events are drawn; all are counted.
export function timeline(response, types = new Map(), most = 400) {
  const events = [];
  walk(response?.data, (object, path, above) => {
    const first = seen(object, true);
    const last = seen(object, false);
    if (first === null && last === null) return;
    const owner = above.findLast((o) => typeof o.id === 'string');
    events.push({
      kind: object.__typename ?? types.get(names(path).join('.')) ?? meaning(path).at(-1) ?? '',
      label: short(labelOf(object) || meaning(path).join('.')),
      owner: owner ? short(labelOf(owner), 40) : '',
      path: path.join('.'),
      first: first ?? last,
      last: last ?? first,
      // Sightings out of order are drawn as they are, from the earlier one.
      from: Math.min(first ?? last, last ?? first),
      to: Math.max(first ?? last, last ?? first),
      open: first === null ? 'first' : last === null ? 'last' : '',
    });
  });
  const order = [...new Set(events.map((event) => event.kind))];
  events.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || a.from - b.from || a.to - b.to);
  // Whose something is goes without saying where all is one owner's.
  const owners = new Set(events.map((event) => event.owner));
  const drawn = events.slice(0, most).map((event) => ({ ...event, title: owners.size > 2 && event.owner ? `${event.owner}  ${event.label}` : event.label }));
  return { events: drawn, kinds: [...new Set(drawn.map((event) => event.kind))], count: events.length };
}
