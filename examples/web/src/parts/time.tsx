const day = new Intl.DateTimeFormat('en-GB', { year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** Returns a day in UTC, as all analysts read it alike; a dash for none. */
export const dayOf = (time: string | null | undefined): string => (time ? day.format(new Date(time)) : '–');

export const clockOf = (time: Date): string => clock.format(time);

/** Returns a length of time in words: 90 is "2 min". */
export function lengthOf(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.ceil((seconds % 3600) / 60)} min`;
}

/** A day, with the exact time as its title. */
export function Day({ time }: { time: string | null | undefined }) {
  if (!time) return <span className="quiet">–<span className="unseen">not known</span></span>;
  return <time dateTime={time} title={time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}>{dayOf(time)}</time>;
}
