import { listUrl, urlOf } from '../routing/route.ts';
import { findIndicators } from './indicators.ts';

/** Where a search leads: to the one thing that the text names, or to the table of all that it names. Null: it names nothing. */
export function destinationOf(text: string): string | null {
  const { hosts, cves, fingerprints } = findIndicators(text);
  const all = [...hosts, ...cves, ...fingerprints];
  if (all.length > 1) return listUrl(all);
  if (hosts[0]) return urlOf({ kind: 'host', id: hosts[0] });
  if (cves[0]) return urlOf({ kind: 'vulnerability', id: cves[0] });
  if (fingerprints[0]) return `#/fingerprint/${fingerprints[0]}`;
  return null;
}
