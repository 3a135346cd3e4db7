/** Returns the claims of a `WWW-Authenticate` header, which are JSON in base64; empty without. */
export function challengeOf(header: string | null): string {
  const encoded = /claims="([^"]+)"/.exec(header ?? '')?.[1];
  return encoded ? atob(encoded) : '';
}
