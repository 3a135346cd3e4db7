import { same, type Thing } from '../routing/route.ts';

export type Verdict = 'malicious' | 'suspicious' | 'neutral' | 'unknown';

export type Link = { thing: Thing; label?: string | undefined; verdict?: Verdict | undefined; by: string };

/** What a page knows about its thing. */
export type Learned = { verdict?: Verdict | undefined; label?: string; links: Link[] };

/** verdict is undefined where the reputation was not requested: such a node looks undecided. */
export type Node = { key: string; thing: Thing; label: string; verdict: Verdict | undefined; role: 'here' | 'trail' | 'other' };
export type Edge = { from: string; to: string; by: string };
export type Graph = { nodes: Node[]; edges: Edge[]; leftOut: number };

/** More nodes than this are not told apart in the picture. */
const mostNodes = 30;

export const keyOf = ({ kind, id }: Thing): string => `${kind} ${id}`;

/** What pages taught so far, until the window is closed. So the way to a page is in its graph with all that is known of it. */
export class Memory {
  #things = new Map<string, { thing: Thing; learned: Learned }>();

  learn(thing: Thing, learned: Learned): void {
    this.#things.set(keyOf(thing), { thing, learned });
  }

  /** The thing, what it is linked to, and the way to it. */
  around(here: Thing, trail: Thing[]): Graph {
    const nodes = new Map<string, Node>();
    const edges = new Map<string, Edge>();
    let leftOut = 0;
    const add = (thing: Thing, role: Node['role'], link?: Link): boolean => {
      const key = keyOf(thing);
      if (nodes.has(key)) return true;
      if (nodes.size >= mostNodes && role === 'other') {
        leftOut++;
        return false;
      }
      const known = this.#things.get(key)?.learned;
      nodes.set(key, { key, thing, role, label: known?.label ?? link?.label ?? shortId(thing), verdict: known?.verdict ?? link?.verdict });
      return true;
    };
    const connect = (from: Thing, to: Thing, by: string) => {
      const key = [keyOf(from), keyOf(to)].sort().join(' – ');
      if (!same(from, to) && !edges.has(key)) edges.set(key, { from: keyOf(from), to: keyOf(to), by });
    };
    add(here, 'here');
    trail.forEach((thing) => add(thing, 'trail'));
    for (const link of this.#links(here)) if (add(link.thing, 'other', link)) connect(here, link.thing, link.by);
    // Links of the way that lead to what is shown.
    for (const thing of trail) for (const link of this.#links(thing)) if (nodes.has(keyOf(link.thing))) connect(thing, link.thing, link.by);
    const way = [...trail, here];
    way.slice(1).forEach((thing, i) => connect(way[i] as Thing, thing, 'pivot'));
    return { nodes: [...nodes.values()], edges: [...edges.values()], leftOut };
  }

  #links = (thing: Thing): Link[] => this.#things.get(keyOf(thing))?.learned.links ?? [];
}

const shortId = ({ kind, id }: Thing): string => (kind === 'host' || kind === 'vulnerability' ? id : `${kind} ${id.slice(0, 6)}`);
