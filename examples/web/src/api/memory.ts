import type { DocumentNode } from 'graphql';

/** A response without a problem, and when it was complete. */
export type Whole<Data> = { data: Data; at: Date };

/** How many responses are remembered, while the page is open. */
const most = 50;

const wholes = new Map<string, Whole<unknown>>();

const keyOf = (document: DocumentNode, variables: unknown): string =>
  `${(document as { __meta__?: { hash: string } }).__meta__?.hash} ${JSON.stringify(variables)}`;

/** Keeps a response for the time when it cannot be renewed. Apollo's cache cannot: it holds the nulls of what failed since. */
export function remember(document: DocumentNode, variables: unknown, data: unknown): void {
  const key = keyOf(document, variables);
  wholes.delete(key); // to the end of the line
  wholes.set(key, { data, at: new Date() });
  const [oldest] = wholes.keys();
  if (wholes.size > most && oldest !== undefined) wholes.delete(oldest);
}

export const remembered = <Data>(document: DocumentNode, variables: unknown): Whole<Data> | undefined =>
  wholes.get(keyOf(document, variables)) as Whole<Data> | undefined;

/** Returns the value at a path of a response; undefined if there is none. */
export function valueAt(data: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<string | number, unknown> | null | undefined)?.[part], data);
}
