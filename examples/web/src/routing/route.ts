/** A thing that a page is about: what the trail holds, and the graph. */
export type Thing = { kind: 'host' | 'certificate' | 'vulnerability' | 'article' | 'profile'; id: string };

export type Route =
  | { page: 'home' | 'articles' | 'profiles' | 'missing' }
  | { page: 'thing'; thing: Thing; trail: Thing[] }
  | { page: 'fingerprint'; sha1: string }
  | { page: 'compare'; hosts: [string, string] }
  | { page: 'list'; text: string };

const kinds = ['host', 'certificate', 'vulnerability', 'article', 'profile'] as const;
const isKind = (text: string | undefined): text is Thing['kind'] => kinds.some((kind) => kind === text);

/** The trail is short enough for one line, and for a link in a chat. */
const longestTrail = 8;

/** Reads the part of the URL behind the `#`. All that a page shows follows from it, so that every page is a deep link. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [first, second, third] = path.split('/').map(decode);
  const params = new URLSearchParams(query);
  if (!first) return { page: 'home' };
  if (first === 'articles' || first === 'profiles') return { page: first };
  if (first === 'list') return { page: 'list', text: params.get('of') ?? '' };
  if (first === 'compare') return { page: 'compare', hosts: [second ?? '', third ?? ''] };
  if (first === 'fingerprint' && second) return { page: 'fingerprint', sha1: second };
  if (isKind(first) && second) return { page: 'thing', thing: { kind: first, id: second }, trail: parseTrail(params.get('via')) };
  return { page: 'missing' };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // typed by hand
  }
}

function parseTrail(via: string | null): Thing[] {
  const things = (via ?? '').split(',').map((text): Thing | null => {
    const at = text.indexOf(':');
    const kind = text.slice(0, at);
    return isKind(kind) && at + 1 < text.length ? { kind, id: decode(text.slice(at + 1)) } : null;
  });
  return things.filter((thing) => thing !== null).slice(-longestTrail);
}

export const same = (a: Thing, b: Thing): boolean => a.kind === b.kind && a.id === b.id;

/** Returns the URL of a thing that was reached by a trail. A thing that is in the trail already cuts it there. */
export function urlOf(thing: Thing, trail: Thing[] = []): string {
  const at = trail.findIndex((one) => same(one, thing));
  const before = (at < 0 ? trail : trail.slice(0, at)).slice(-longestTrail);
  const via = before.map(({ kind, id }) => `${kind}:${encodeURIComponent(id)}`).join(',');
  return `#/${thing.kind}/${encodeURIComponent(thing.id)}${via && `?${new URLSearchParams({ via })}`}`;
}

export const compareUrl = (a: string, b: string): string => `#/compare/${encodeURIComponent(a)}/${encodeURIComponent(b)}`;

/** Returns the URL of the table of indicators. */
export const listUrl = (indicators: string[]): string => `#/list?${new URLSearchParams({ of: indicators.join(' ') })}`;
