/** A warning about a value that is in the response. */
export type Warning = { message: string; code: string; path?: (string | number)[] };

/** What the response cost, in requests to Microsoft Graph, and what Portico's cache did. Without a cache, its members are missing. */
export type Upstream = {
  requests: number;
  items: number;
  cacheHits?: number;
  /** Hits that were past their time: Microsoft Graph could not be reached, or they are being renewed. */
  cacheStale?: number;
  cacheAgeSeconds?: number;
};

export type Extensions = { emulator?: boolean; warnings?: Warning[]; upstream?: Upstream };

type Part = { extensions?: Extensions; incremental?: Part[] };

/** Returns the extensions of a response, or of the newest part of one. Each part's contain those of the parts before. */
export function extensionsOf(result: unknown): Extensions {
  const { extensions, incremental = [] } = result as Part;
  return Object.assign({}, extensions, ...incremental.map((part) => part.extensions)) as Extensions;
}
