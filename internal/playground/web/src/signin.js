// Signs people in with Microsoft Entra ID where the server says how, and sends their tokens. The library is loaded when it is
// needed: by those who sign in, and after that. All that it keeps is in the session storage.
const configured = document.documentElement.dataset.signIn;
const settings = configured ? JSON.parse(configured) : null;

// What the page shows. again holds the claims, or '', once Entra ID wants to see the person again; undefined otherwise.
let state = { available: settings !== null, account: null, again: undefined, problem: '' };
const listeners = new Set();

export const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const snapshot = () => state;

function show(change) {
  state = { ...state, ...change };
  listeners.forEach((listener) => listener());
}

let loading;
const load = () => (loading ??= start());

async function start() {
  const msal = await import('@azure/msal-browser');
  const { clientId, authority, issuer } = settings;
  const client = new msal.PublicClientApplication({
    auth: {
      clientId,
      authority,
      redirectUri: location.origin + location.pathname,
      postLogoutRedirectUri: location.origin + location.pathname,
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
  const result = await client.handleRedirectPromise();
  const account = result?.account ?? client.getAllAccounts()[0] ?? null;
  show({ account });
  return { msal, client };
}

const report = (error) => show({ problem: `Signing in failed: ${error.message}` });

// A page that comes back from signing in has a response behind the #; one that is signed in has tokens in its session.
const returns = /[#&](code|error)=/.test(location.hash);
const signedIn = () => Object.keys(sessionStorage).some((key) => key.startsWith('msal.'));
const ready = settings && (returns || signedIn()) ? load().catch(report) : Promise.resolve();

export async function signIn() {
  try {
    const { client } = await load();
    const request = { scopes: settings.scopes };
    if (state.account) await client.acquireTokenRedirect({ ...request, account: state.account, claims: state.again || undefined });
    else await client.loginRedirect({ ...request, prompt: 'select_account' });
  } catch (error) {
    report(error);
  }
}

export async function signOut() {
  try {
    const { client } = await load();
    await client.logoutRedirect({ account: state.account });
  } catch (error) {
    report(error);
  }
}

// A token is renewed before it expires, without a word, as long as the refresh token is good.
async function token(claims) {
  const { msal, client } = await load();
  try {
    const result = await client.acquireTokenSilent({
      scopes: settings.scopes,
      account: state.account,
      claims,
      cacheLookupPolicy: msal.CacheLookupPolicy.AccessTokenAndRefreshToken,
    });
    show({ again: undefined });
    return result.accessToken;
  } catch (error) {
    show({ again: claims ?? '' });
    throw new Error(`Sign in again, with the button at the top: ${error.message}`);
  }
}

// Fetches with the token of whoever is signed in, unless the Headers pane has one. If the server wants a token with other
// claims, it gets one.
export async function authorizedFetch(input, init) {
  await ready;
  const headers = new Headers(init?.headers);
  if (!state.account || headers.has('Authorization')) return fetch(input, init);
  const send = async (claims) => {
    headers.set('Authorization', `Bearer ${await token(claims)}`);
    return fetch(input, { ...init, headers });
  };
  const response = await send();
  const claims = response.status === 401 && challenge(response.headers.get('WWW-Authenticate'));
  return claims ? send(claims) : response;
}

// The claims of a challenge are JSON in base64.
function challenge(header) {
  const encoded = /claims="([^"]+)"/.exec(header ?? '')?.[1];
  return encoded ? atob(encoded) : '';
}
