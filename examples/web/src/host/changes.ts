/** What a WHOIS record says, as far as changes of it matter. */
export type WhoisState = {
  domainStatus: string | null;
  expirationDateTime: string | null;
  lastUpdateDateTime: string | null;
  lastSeenDateTime: string | null;
  registrar: { name: string | null; organization: string | null } | null;
  registrant: { name: string | null; organization: string | null; email: string | null } | null;
  nameservers: readonly ({ host: { id: string } | null } | null)[] | null;
};

export type Change = { what: string; before: string; after: string };
export type Step = { time: string | null; changes: Change[] };

export const partyOf = (contact: { name: string | null; organization: string | null } | null): string =>
  contact?.organization ?? contact?.name ?? '';

export const nameserversOf = (state: Pick<WhoisState, 'nameservers'>): string[] =>
  (state.nameservers ?? []).map((server) => server?.host?.id).filter((id) => id !== undefined).sort();

const properties: [what: string, read: (state: WhoisState) => string][] = [
  ['Registrar', (state) => partyOf(state.registrar)],
  ['Registrant', (state) => partyOf(state.registrant)],
  ['Registrant’s e-mail', (state) => state.registrant?.email ?? ''],
  ['Name servers', (state) => nameserversOf(state).join(', ')],
  ['Status', (state) => state.domainStatus ?? ''],
  ['Expiration', (state) => state.expirationDateTime?.slice(0, 10) ?? ''],
];

/** Compares each record with the one before it. The records are in the order of time, the newest first. */
export function changesOf(records: WhoisState[]): Step[] {
  return records.slice(0, -1).map((after, i) => {
    const before = records[i + 1] as WhoisState;
    const changes = properties
      .map(([what, read]) => ({ what, before: read(before), after: read(after) }))
      .filter((change) => change.before !== change.after);
    return { time: after.lastUpdateDateTime ?? after.lastSeenDateTime, changes };
  });
}
