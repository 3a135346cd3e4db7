// costOf reads extensions.upstream: the numbers, and one row for each request to Microsoft Graph with when it left and how long
// it took, in milliseconds. It is undefined where the response has none; rows are empty where the server does not list them.
export function costOf(response) {
  const upstream = response?.extensions?.upstream;
  if (typeof upstream !== 'object' || upstream === null) return undefined;
  const number = (value) => (Number.isFinite(value) ? value : 0);
  const rows = (Array.isArray(upstream.calls) ? upstream.calls : []).map((call, i) => ({
    id: i + 1,
    wave: number(call.wave),
    start: number(call.startMilliseconds),
    duration: number(call.milliseconds),
    method: String(call.method ?? ''),
    url: String(call.url ?? ''),
    status: call.status ?? null,
    from: call.cached || call.cache ? 'cache' : call.shared ? 'another operation' : 'Microsoft Graph',
    items: (Array.isArray(call.items) ? call.items : []).map((item) => ({ url: String(item.url ?? ''), status: item.status ?? null })),
  }));
  const hits = [upstream.cacheHits, upstream.cached, upstream.hits].find(Number.isFinite);
  return {
    requests: number(upstream.requests),
    items: number(upstream.items),
    waves: number(upstream.waves),
    estimate: number(upstream.estimate),
    limit: number(upstream.limit),
    cacheHits: hits ?? rows.filter((row) => row.from === 'cache').length,
    total: Math.max(0, ...rows.map((row) => row.start + row.duration)),
    rows,
  };
}

const count = (n, one, many = one + 's') => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

// costLine says in one line what a response cost.
export function costLine(response) {
  const cost = costOf(response);
  if (!cost) return response ? 'The response does not say what it cost.' : 'Run the query to see what it costs.';
  const cached = cost.cacheHits ? `, ${cost.cacheHits.toLocaleString('en')} from the cache` : '';
  return (
    `Cost: ${count(cost.items, 'item')} in ${count(cost.requests, 'request')}, ${count(cost.waves, 'wave')}${cached}. ` +
    `Estimate ${cost.estimate.toLocaleString('en')}, limit ${cost.limit.toLocaleString('en')}.`
  );
}

// titleOfRow names a request without its options: the path tells what it is about.
export function titleOfRow(row) {
  if (row.items.length > 0) return `batch of ${row.items.length}`;
  return pathOf(row.url);
}

export const pathOf = (url) => url.split('?')[0].replace('/security/threatIntelligence/', '');
