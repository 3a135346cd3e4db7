import type { Problem } from '../api/problems.ts';
import type { BulkFingerprintQuery, BulkHostsQuery, BulkVulnerabilitiesQuery } from '../gql/graphql.ts';
import type { Thing } from '../routing/route.ts';

export type State = 'waiting' | 'found' | 'unknown' | 'failed';

/** One indicator of the table. What is not known is null. */
export type Row = {
  indicator: string;
  kind: 'host' | 'vulnerability' | 'certificate';
  state: State;
  /** Why it failed. */
  problem: Problem | null;
  /** What its page is about; null: it has none. */
  thing: Thing | null;
  /** A classification or a severity. */
  verdict: string | null;
  score: number | null;
  about: string | null;
  ports: string | null;
  firstSeen: string | null;
  lastSeen: string | null;
};

export const waiting = (kind: Row['kind'], indicator: string): Row => ({
  indicator, kind, state: 'waiting', problem: null, verdict: null, score: null, about: null, ports: null, firstSeen: null, lastSeen: null,
  thing: kind === 'certificate' ? null : { kind, id: indicator },
});

export const unknown = (row: Row): Row => ({ ...row, state: 'unknown', problem: null });
export const failed = (row: Row, problem: Problem): Row => ({ ...row, state: 'failed', problem });

const judged = (classification: string | null | undefined): boolean =>
  classification === 'MALICIOUS' || classification === 'SUSPICIOUS' || classification === 'NEUTRAL';

type Host = NonNullable<BulkHostsQuery['hosts'][number]>;
type Vulnerability = NonNullable<BulkVulnerabilitiesQuery['vulnerabilities'][number]>;
type Certificate = NonNullable<NonNullable<BulkFingerprintQuery['sslCertificates']>['nodes'][number]>;

export function ofHost(row: Row, host: Host): Row {
  const { reputation, ports } = host;
  const numbers = (ports?.nodes ?? []).map((port) => port?.port).filter((port) => port !== null && port !== undefined);
  const more = (ports?.totalCount ?? numbers.length) - numbers.length;
  return {
    ...row, state: 'found', problem: null, thing: { kind: 'host', id: host.id }, verdict: reputation?.classification ?? null,
    score: judged(reputation?.classification) ? reputation?.score ?? null : null, // a 0 would look like an all-clear
   
    about: ownerOf(host), ports: ports ? `${numbers.join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}` : null,
    firstSeen: host.firstSeenDateTime, lastSeen: host.lastSeenDateTime,
  };
}

function ownerOf(host: Host): string | null {
  if (host.__typename === 'Hostname') return host.registrant ?? host.registrar;
  const as = host.autonomousSystem;
  return [as?.organization ?? as?.name, host.countryOrRegion].filter(Boolean).join(', ') || null;
}

export function ofVulnerability(row: Row, found: Vulnerability): Row {
  const about = found.activeExploitsObserved ? 'exploited' : found.exploitsAvailable ? 'exploit available' : null;
  return { ...row, state: 'found', problem: null, verdict: found.severity, score: found.priorityScore, about, firstSeen: found.publishedDateTime, lastSeen: found.lastModifiedDateTime };
}

export function ofCertificate(row: Row, found: Certificate): Row {
  const about = [found.subject?.commonName, found.isExpired && 'expired'].filter(Boolean).join(', ');
  return {
    ...row, state: 'found', problem: null, thing: { kind: 'certificate', id: found.id }, about: about || null,
    firstSeen: found.firstSeenDateTime, lastSeen: found.lastSeenDateTime,
  };
}
