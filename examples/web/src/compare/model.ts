import type { Thing } from '../routing/route.ts';

/** A value of a host that another host may have, too. thing: where it leads. */
export type Value = { key: string; label: string; thing?: Thing };

/** One property of both hosts; undefined: not known of that host. */
export type Row = { what: string; a: Value[] | undefined; b: Value[] | undefined; shared: Value[] };

/** Compares two hosts property by property. What is not known of one host is not shared. */
export function compare(names: string[], a: Map<string, Value[] | undefined>, b: Map<string, Value[] | undefined>): Row[] {
  return names.map((what) => {
    const [left, right] = [a.get(what), b.get(what)];
    const keys = new Set(right?.map(({ key }) => key));
    return { what, a: left, b: right, shared: (left ?? []).filter(({ key }) => keys.has(key)) };
  });
}
