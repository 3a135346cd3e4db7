// Gets tokens for Microsoft Graph by Microsoft's own libraries, and reads one host with each:
//   node tokens.mjs < {"url": …, "tenant": …, "clientId": …, "secret": …, "scope": …, "user": …, "federated": …}
// Prints the names of the credentials that work, one a line.
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { ClientAssertionCredential, ClientSecretCredential, ManagedIdentityCredential, OnBehalfOfCredential } from '@azure/identity';
import { ConfidentialClientApplication } from '@azure/msal-node';

const { url, tenant, clientId, secret, scope, user, federated } = JSON.parse(await text(process.stdin));
const options = { authorityHost: url, disableInstanceDiscovery: true };

async function read(name, token) {
  const answer = await fetch(`${url}/v1.0/security/threatIntelligence/hosts/contoso.com?$select=id`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  assert.equal(answer.status, 200, `${name}: ${await answer.text()}`);
  process.stdout.write(`${name}\n`);
}

// All managed identities of a process have one cache, so the second is that of an application.
for (const [name, host, ...of] of [['managed identity', url], ['managed identity of an application, at a host with a slash', `${url}/`, { clientId }]]) {
  process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = host;
  await read(`azure-identity ${name}`, (await new ManagedIdentityCredential(...of).getToken(scope)).token);
}

const credentials = {
  'azure-identity secret': new ClientSecretCredential(tenant, clientId, secret, options),
  'azure-identity assertion': new ClientAssertionCredential(tenant, clientId, async () => federated, options),
  'azure-identity on behalf of': new OnBehalfOfCredential({
    tenantId: tenant, clientId, clientSecret: secret, userAssertionToken: user, ...options,
  }),
};
for (const [name, credential] of Object.entries(credentials)) {
  await read(name, (await credential.getToken(scope)).token);
}

// What msal-node keeps of an on-behalf-of response must be found again.
const app = new ConfidentialClientApplication({
  auth: { clientId, clientSecret: secret, authority: `${url}/${tenant}`, knownAuthorities: [new URL(url).host] },
});
for (const again of [false, true]) {
  const result = await app.acquireTokenOnBehalfOf({ oboAssertion: user, scopes: [scope] });
  assert.equal(result.fromCache, again, 'msal-node on behalf of');
  // From its cache, msal-node 7.2.3 returns no account: it reads the values of a Map as those of an object.
  if (!again) assert.equal(result.account?.tenantId, tenant);
  await read(again ? 'msal-node on behalf of, from its cache' : 'msal-node on behalf of', result.accessToken);
}
for (const again of [false, true]) {
  const result = await app.acquireTokenByClientCredential({ scopes: [scope] });
  assert.equal(result.fromCache, again, 'msal-node client credentials');
  await read(again ? 'msal-node client credentials, from its cache' : 'msal-node client credentials', result.accessToken);
}

// Any OAuth 2.0 client may send the secret in the header.
const basic = await fetch(`${url}/${tenant}/oauth2/v2.0/token`, {
  method: 'POST',
  headers: { Authorization: `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`)}` },
  body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
});
await read('client_secret_basic', (await basic.json()).access_token);
