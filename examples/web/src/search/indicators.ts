/** What is found in a text, each once and in the order of the text. */
export type Indicators = {
  hosts: string[];
  cves: string[];
  fingerprints: string[];
  /** Hashes that are not SHA-1: Microsoft Graph finds no certificate by them. */
  unsearchable: string[];
  /** Lines beyond the limit. */
  ignoredLines: number;
};

export const mostLines = 1000;

/** Endings of file names that are not top-level domains: a report names files as well as hosts. */
const files = new Set(
  ('exe dll sys pdf doc docx docm xls xlsx xlsm ppt pptx rtf txt log csv png jpg jpeg gif bmp svg ico html htm php asp aspx jsp js mjs json ' +
    'xml yml yaml ini cfg conf bat cmd ps1 vbs wsf hta lnk iso img dat bin tmp bak msi jar war apk ipa elf dmg rar gz tar tgz bz2 eml msg pcap ' +
    'db sqlite key pem crt cer pfx cpp cs asm css local localdomain internal lan arpa').split(' '),
);

/** Undoes what writers do so that nobody follows a link by accident. */
function refang(text: string): string {
  return text
    .replace(/\s?(?:\[\s?(?:\.|dot)\s?\]|\(\s?(?:\.|dot)\s?\)|\{\s?(?:\.|dot)\s?\}|\[\.|\.\]|\\\.)\s?/gi, '.')
    .replace(/[\u3002\uff0e\uff61]/g, '.')
    .replace(/\[:\/\/\]/g, '://')
    .replace(/\[:\]/g, ':')
    .replace(/\[@\]|\(at\)|\[at\]/gi, '@')
    .replace(/\bh[tx*]{2}ps?\b/gi, 'http');
}

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`(?<![\\d.])${octet}(?:\\.${octet}){3}(?![\\d]|\\.\\d)`, 'g');
const ipv6 = /(?<![0-9a-z:.])(?:[0-9a-f]{1,4}:|:(?=:))(?:[0-9a-f]{0,4}:){1,6}(?:[0-9a-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![0-9a-z:])/gi;
const cve = /\bCVE[-\u2010-\u2015_ ](\d{4})[-\u2010-\u2015_ ](\d{4,7})\b/gi;
const hash = /(?<![0-9a-z:])(?:[0-9a-f]{2}(?::[0-9a-f]{2}){15,31}|[0-9a-f]{2}(?: [0-9a-f]{2}){19}(?! [0-9a-f]{2}\b)|[0-9a-f]{32,64})(?![0-9a-z]|:[0-9a-f])/gi;
const name = /(?<![\p{L}\p{N}_.-])(?:[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_-]{0,61}[\p{L}\p{N}\p{M}_])?\.)+(?:xn--[a-z0-9-]+|[\p{L}\p{M}]{2,63})(?![\p{L}\p{N}_-])/giu;

/** Finds host names, IP addresses, CVE ids and fingerprints of certificates in any text, defanged or not. */
export function findIndicators(text: string): Indicators {
  const lines = text.split(/\r\n|\r|\n/);
  let rest = refang(lines.slice(0, mostLines).join('\n'));
  const hosts: Found[] = [];
  const cves: Found[] = [];
  const hashes: Found[] = [];
  // What one pattern took becomes blanks, so that places in the text stay the same.
  const take = (pattern: RegExp, into: Found[], read: (match: string) => string) => {
    for (const match of rest.matchAll(pattern)) into.push({ at: match.index, text: read(match[0]) });
    rest = rest.replace(pattern, (match) => ' '.repeat(match.length));
  };
  take(cve, cves, (match) => match.toUpperCase().replace(/[^\dA-Z]+/g, '-'));
  take(hash, hashes, (match) => match.replace(/[: ]/g, '').toLowerCase());
  take(ipv6, hosts, (match) => (isIPv6(match) ? match.toLowerCase() : ''));
  take(ipv4, hosts, (match) => match);
  take(name, hosts, hostName);
  return {
    hosts: inOrder(hosts), cves: inOrder(cves),
    fingerprints: inOrder(hashes).filter((hex) => hex.length === 40), unsearchable: inOrder(hashes).filter((hex) => hex.length !== 40),
    ignoredLines: Math.max(0, lines.length - mostLines),
  };
}

type Found = { at: number; text: string };

const inOrder = (found: Found[]): string[] => [...new Set(found.sort((a, b) => a.at - b.at).map(({ text }) => text))].filter((text) => text !== '');

function hostName(match: string): string {
  const host = asciiName(match);
  return files.has(host.slice(host.lastIndexOf('.') + 1)) ? '' : host;
}

/** Colons and digits may be a time; the browser's reader of URLs knows what an address is. */
function isIPv6(text: string): boolean {
  if (text === '::' || (!text.includes('::') && text.split(':').length !== 8)) return false;
  return URL.canParse(`http://[${text}]/`);
}

/** The name as the DNS has it; empty for what cannot be one. */
function asciiName(text: string): string {
  if (!URL.canParse(`http://${text}/`)) return '';
  const host = new URL(`http://${text}/`).hostname;
  return host.length <= 253 && !/^[\d.]+$/.test(host) ? host : '';
}
