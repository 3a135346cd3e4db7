import type { PublicClientApplication } from '@azure/msal-browser';

import type { SignInSettings } from '../settings';
import { challengeOf } from './challenge';

/** What the page shows of signing in. */
export type SignInState = {
  account: { name: string; username: string } | null;
  /** Entra ID wants to see the person again. */
  again: boolean;
  problem: string;
};

/**
 * Signs a person in with Microsoft Entra ID, and sends their tokens to Portico. The library is loaded when it is needed. Tokens stay
 * in the session storage, and end with the tab.
 */
export class SignIn {
  state: SignInState = { account: null, again: false, problem: '' };
  #settings: SignInSettings;
  #client: Promise<PublicClientApplication> | undefined;
  #claims: string | undefined;
  #listeners = new Set<() => void>();

  constructor(settings: SignInSettings) {
    this.#settings = settings;
  }

  subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  };
  snapshot = (): SignInState => this.state;

  #show(change: Partial<SignInState>): void {
    this.state = { ...this.state, ...change };
    this.#listeners.forEach((changed) => changed());
  }

  /** Takes up a sign-in that was begun, or one of this session. Runs before the page reads its URL, which may hold the result. */
  async resume(): Promise<void> {
    const returns = /[#&](code|error)=/.test(location.hash);
    const signedIn = Object.keys(sessionStorage).some((key) => key.startsWith('msal.'));
    if (!returns && !signedIn) return;
    try {
      const client = await this.#load();
      const result = await client.handleRedirectPromise({ navigateToLoginRequestUrl: false });
      if (result?.state) location.replace(result.state); // the page on which the sign-in began
      else if (returns) location.replace('#/');
      this.#setAccount(client);
    } catch (error) {
      this.#fail(error);
      location.replace('#/');
    }
  }

  #setAccount(client: PublicClientApplication): void {
    const account = client.getAllAccounts()[0];
    this.#show({ account: account ? { name: account.name ?? account.username, username: account.username } : null });
  }

  async signIn(): Promise<void> {
    try {
      const client = await this.#load();
      const account = client.getAllAccounts()[0];
      const request = { scopes: this.#settings.scopes, state: location.hash || '#/' };
      if (account) await client.acquireTokenRedirect({ ...request, account, ...(this.#claims && { claims: this.#claims }) });
      else await client.loginRedirect({ ...request, prompt: 'select_account' });
    } catch (error) {
      this.#fail(error);
    }
  }

  async signOut(): Promise<void> {
    try {
      const client = await this.#load();
      await client.logoutRedirect({ account: client.getAllAccounts()[0] ?? null });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** `fetch` with the person's token. If Portico wants a token with other claims, it gets one. */
  fetch: typeof fetch = async (input, init) => {
    if (!this.state.account) return fetch(input, init);
    const response = await this.#send(input, init);
    const claims = response.status === 401 ? challengeOf(response.headers.get('WWW-Authenticate')) : '';
    return claims ? this.#send(input, init, claims) : response;
  };

  async #send(input: Parameters<typeof fetch>[0], init?: RequestInit, claims?: string): Promise<Response> {
    const headers = new Headers(init?.headers);
    headers.set('Authorization', `Bearer ${await this.#token(claims)}`);
    return fetch(input, { ...init, headers });
  }

  async #token(claims?: string): Promise<string> {
    const { CacheLookupPolicy } = await import('@azure/msal-browser');
    const client = await this.#load();
    const account = client.getAllAccounts()[0];
    try {
      if (!account) throw new Error('Nobody is signed in.');
      const result = await client.acquireTokenSilent({
        scopes: this.#settings.scopes, account, ...(claims && { claims }),
        cacheLookupPolicy: CacheLookupPolicy.AccessTokenAndRefreshToken, // no hidden frame, which the content security policy refuses
      });
      this.#show({ again: false });
      return result.accessToken;
    } catch (error) {
      this.#claims = claims;
      this.#show({ again: true });
      throw error;
    }
  }

  #load(): Promise<PublicClientApplication> {
    return (this.#client ??= this.#start());
  }

  async #start(): Promise<PublicClientApplication> {
    const msal = await import('@azure/msal-browser');
    const { clientId, authority, issuer } = this.#settings;
    const page = location.origin + location.pathname;
    const client = new msal.PublicClientApplication({
      auth: {
        clientId, authority, redirectUri: page, postLogoutRedirectUri: page,
        clientCapabilities: ['CP1'], // it answers claims challenges
        // With these, the library asks no other host whether the authority is one.
        knownAuthorities: [new URL(authority).host, new URL(issuer).host],
        authorityMetadata: JSON.stringify({
          issuer,
          authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
          token_endpoint: `${authority}/oauth2/v2.0/token`,
          end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
          jwks_uri: `${authority}/discovery/v2.0/keys`,
        }),
      },
      cache: { cacheLocation: 'sessionStorage' },
    });
    await client.initialize();
    return client;
  }

  #fail(error: unknown): void {
    this.#show({ problem: `Signing in failed: ${error instanceof Error ? error.message : String(error)}` });
  }
}
