/** Something with a first and a last sighting. One that is null stands for both. */
export type Sighting = { firstSeenDateTime: string | null; lastSeenDateTime: string | null };

/** The time that a timeline shows, in milliseconds, and where its years begin, in percent. */
export type Axis = { from: number; to: number; years: { year: number; at: number }[] };

const mostYears = 7;

function spanOf({ firstSeenDateTime: first, lastSeenDateTime: last }: Sighting): [number, number] | null {
  const [from, to] = [first ?? last, last ?? first];
  return from && to ? [Date.parse(from), Date.parse(to)] : null;
}

export function axisOf(sightings: Sighting[]): Axis | null {
  const spans = sightings.map(spanOf).filter((span) => span !== null);
  if (spans.length === 0) return null;
  const from = Math.min(...spans.map(([start]) => start));
  const to = Math.max(...spans.map(([, end]) => end), from + 1);
  const [first, last] = [new Date(from).getUTCFullYear() + 1, new Date(to).getUTCFullYear()];
  const step = Math.max(1, Math.ceil((last - first + 1) / mostYears));
  const years = [];
  for (let year = first; year <= last; year += step) years.push({ year, at: ((Date.UTC(year, 0) - from) / (to - from)) * 100 });
  return { from, to, years };
}

/** Where a sighting is on the axis, in percent: wide enough to be seen. */
export function placeOf(sighting: Sighting, axis: Axis): { from: number; width: number } | null {
  const span = spanOf(sighting);
  if (!span) return null;
  const percent = (time: number) => ((time - axis.from) / (axis.to - axis.from)) * 100;
  const width = Math.max(1.5, percent(span[1]) - percent(span[0]));
  return { from: Math.min(percent(span[0]), 100 - width), width };
}
