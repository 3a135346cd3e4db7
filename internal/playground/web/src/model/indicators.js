import { domainToASCII } from './ascii.js';

export const mostLines = 1000;
export const pageSize = 100;

// Endings of file names that are not top-level domains: a report names files as well as hosts.
const files = new Set(
  ('exe dll sys pdf doc docx docm xls xlsx xlsm ppt pptx rtf txt log csv png jpg jpeg gif bmp svg ico html htm php asp aspx jsp js mjs json xml yml ' +
    'yaml ini cfg conf bat cmd ps1 vbs vbe wsf hta lnk iso img dat bin tmp bak msi jar war apk ipa elf dmg vhd vhdx rar gz tar tgz bz2 eml msg pcap ' +
    'db sqlite key pem crt cer pfx class cpp cs asm css map local localdomain internal lan arpa').split(' '),
);

// refang undoes what writers do so that nobody follows a link by accident.
function refang(text) {
  return text
    .replace(/\s?(?:\[\s?(?:\.|dot|punkt)\s?\]|\(\s?(?:\.|dot)\s?\)|\{\s?(?:\.|dot)\s?\}|\[\.|\.\]|\\\.)\s?/gi, '.')
    .replace(/[\u3002\uff0e\uff61]/g, '.')
    .replace(/\[:\]|\[:\/\/\]/g, (m) => (m === '[:]' ? ':' : '://'))
    .replace(/\[@\]|\(at\)|\[at\]/gi, '@')
    .replace(/\bh[tx*]{2}ps?\b/gi, 'http');
}

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`(?<![\\d.])${octet}(?:\\.${octet}){3}(?![\\d]|\\.\\d)`, 'g');
const ipv6 = /(?<![0-9a-z:.])(?:[0-9a-f]{1,4}:|:(?=:))(?:[0-9a-f]{0,4}:){1,6}(?:[0-9a-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![0-9a-z:])/gi;
const cve = /\bCVE[-\u2010-\u2015_ ](\d{4})[-\u2010-\u2015_ ](\d{4,7})\b/gi;
const hash = /(?<![0-9a-z:])(?:[0-9a-f]{2}(?::[0-9a-f]{2}){15,31}|[0-9a-f]{2}(?: [0-9a-f]{2}){19}(?! [0-9a-f]{2}\b)|[0-9a-f]{32,64})(?![0-9a-z]|:[0-9a-f])/gi;
const name = /(?<![\p{L}\p{N}_.-])(?:[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_-]{0,61}[\p{L}\p{N}\p{M}_])?\.)+(?:xn--[a-z0-9-]+|[\p{L}\p{M}]{2,63})(?![\p{L}\p{N}_-])/giu;

// indicators finds the host names, IP addresses, CVE ids and fingerprints of certificates in any text, each once and in the
// order of the text. What it cannot ask about is counted: fingerprints that are not SHA-1, and lines beyond the limit.
export function indicators(text) {
  const lines = text.split(/\r\n|\r|\n/);
  let rest = refang(lines.slice(0, mostLines).join('\n'));
  const found = { addresses: new Set(), names: new Set(), cves: new Set(), fingerprints: new Set(), unsearchable: new Set() };
  const take = (pattern, into) => {
    rest = rest.replace(pattern, (match, ...groups) => {
      into(match, groups);
      return ' ';
    });
  };
  take(cve, (_, [year, number]) => found.cves.add(`CVE-${year}-${number}`));
  take(hash, (match) => {
    const hex = match.replace(/[: ]/g, '').toLowerCase();
    (hex.length === 40 ? found.fingerprints : found.unsearchable).add(hex);
  });
  take(ipv6, (match) => valid6(match) && found.addresses.add(match.toLowerCase()));
  take(ipv4, (match) => found.addresses.add(match));
  take(name, (match) => {
    const host = domainToASCII(match);
    if (host && !files.has(host.split('.').at(-1))) found.names.add(host);
  });
  return {
    hosts: [...found.names, ...found.addresses],
    names: [...found.names],
    addresses: [...found.addresses],
    cves: [...found.cves],
    fingerprints: [...found.fingerprints],
    unsearchable: [...found.unsearchable],
    ignoredLines: Math.max(0, lines.length - mostLines),
  };
}

// A text of colons and digits may be a time; the browser's own reader of URLs knows what is an address.
function valid6(text) {
  if (!text.includes('::') && text.split(':').length !== 8) return false;
  try {
    return Boolean(new URL(`http://[${text}]/`)) && text !== '::';
  } catch {
    return false;
  }
}

// pages splits the indicators into operations about at most 100 each. Fingerprints have operations of their own, because Microsoft
// Graph searches for one at a time.
export function pages(found, query) {
  const mixed = [...found.hosts.map((id) => ['hosts', id]), ...found.cves.map((id) => ['vulnerabilities', id])];
  const operations = chunks(mixed, pageSize).map((chunk) => ({
    query,
    variables: {
      hosts: chunk.filter(([kind]) => kind === 'hosts').map(([, id]) => id),
      vulnerabilities: chunk.filter(([kind]) => kind !== 'hosts').map(([, id]) => id),
    },
    size: chunk.length,
  }));
  let before = 0;
  for (const chunk of chunks(found.fingerprints, fingerprintsAtOnce)) {
    operations.push({ ...byFingerprint(chunk, before), size: chunk.length });
    before += chunk.length;
  }
  return operations;
}

// Each fingerprint is an alias at the root, of which a document may have 60, and costs two items at least.
const fingerprintsAtOnce = 50;

function byFingerprint(list, before) {
  const at = list.map((_, i) => before + i + 1);
  const fields = at.map((n) => `  certificate${n}: sslCertificates(search: {sha1: $sha1_${n}}, first: 1) {\n    ...Found\n  }`);
  return {
    query:
      '# Which certificates have these fingerprints?\n# Costs one search for each.\n' +
      `query Fingerprints(${at.map((n) => `$sha1_${n}: String!`).join(', ')}) {\n${fields.join('\n')}\n}\n\n` +
      'fragment Found on SslCertificateConnection {\n  nodes {\n    id\n    sha1\n    firstSeenDateTime\n    lastSeenDateTime\n' +
      '    subject {\n      commonName\n    }\n    issuer {\n      commonName\n    }\n  }\n}\n',
    variables: Object.fromEntries(list.map((sha1, i) => [`sha1_${before + i + 1}`, sha1])),
  };
}

function chunks(list, size) {
  const parts = [];
  for (let i = 0; i < list.length; i += size) parts.push(list.slice(i, i + size));
  return parts;
}

// merged is the response to several operations as if they were one: lists at the root are joined, errors keep pointing at what
// they are about, and costs add up, as the limits do: each operation has its own. Neither argument is changed.
export function merged(total, next) {
  if (!total) return next;
  const shift = {};
  const data = { ...total.data };
  for (const [key, value] of Object.entries(next.data ?? {})) {
    shift[key] = Array.isArray(data[key]) ? data[key].length : 0;
    data[key] = Array.isArray(value) && Array.isArray(data[key]) ? [...data[key], ...value] : value;
  }
  const moved = (item) =>
    Array.isArray(item.path) && typeof item.path[1] === 'number' ? { ...item, path: [item.path[0], item.path[1] + (shift[item.path[0]] ?? 0), ...item.path.slice(2)] } : item;
  const errors = [...(total.errors ?? []), ...(next.errors ?? []).map(moved)];
  return {
    ...(errors.length > 0 && { errors }),
    data,
    ...((total.extensions || next.extensions) && { extensions: mergedExtensions(total.extensions ?? {}, next.extensions ?? {}, moved) }),
  };
}

function mergedExtensions(a, b, moved) {
  const warnings = [...(a.warnings ?? []), ...(b.warnings ?? []).map(moved)];
  const extensions = { ...a, ...b, ...(warnings.length > 0 && { warnings }) };
  if (a.upstream && b.upstream) extensions.upstream = mergedCosts(a.upstream, b.upstream);
  return extensions;
}

function mergedCosts(a, b) {
  const sum = { ...a };
  for (const key of Object.keys(b)) if (typeof b[key] === 'number') sum[key] = (a[key] ?? 0) + b[key];
  if (a.calls || b.calls) {
    const end = Math.max(0, ...(a.calls ?? []).map((call) => call.startMilliseconds + call.milliseconds));
    sum.calls = [...(a.calls ?? []), ...(b.calls ?? []).map((call) => ({ ...call, wave: call.wave + (a.waves ?? 0), startMilliseconds: call.startMilliseconds + end }))];
  }
  return sum;
}
