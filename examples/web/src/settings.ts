/** What an operator sets, in settings.json beside the page: one build serves every environment. */
export type Settings = {
  /** URL of Portico's GraphQL API, absolute or relative to the page. */
  endpoint: string;
  /** How people sign in with Microsoft Entra ID; null: they do not. None of it is secret. */
  signIn: SignInSettings | null;
};

export type SignInSettings = {
  /** Client id of the page's own app registration, a single-page application. */
  clientId: string;
  /** Base URL of Microsoft Entra ID with the tenant. */
  authority: string;
  /** Issuer of the tokens. */
  issuer: string;
  /** Scopes of the access token, such as `api://CLIENT-ID/Threats.Read`. */
  scopes: string[];
};

export async function loadSettings(): Promise<Settings> {
  const response = await fetch('./settings.json', { cache: 'no-cache' });
  if (!response.ok) throw new Error(`settings.json cannot be loaded (HTTP ${response.status}).`);
  return (await response.json()) as Settings;
}
