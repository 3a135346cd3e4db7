// Package entra plays the part of Entra ID that issues and checks tokens for Microsoft Graph, for one tenant.
//
// A [Directory] holds the registered applications with their credentials, the signing key and the settings of the
// tokens. It answers three questions:
//
//   - [Directory.Token] and [Directory.ManagedIdentityToken]: which token, or which [Error], does this request get?
//   - [Directory.Authorize]: may the bearer of this token read threat intelligence?
//   - [Directory.UserToken], [Directory.AppToken] and [Directory.FederatedToken]: a token made by hand, for a test.
//
// The package reads forms and returns values. It does not serve HTTP, queue faults or keep a log: package emulator
// does. Tokens are real RS256 tokens with a published key set, so MSAL and any JWT library can verify them. Nobody
// signs in interactively, and nothing outlives the process.
//
// For example, a client that sends grant_type=client_credentials with the right client_secret and the scope
// https://graph.microsoft.com/.default gets a token with the role ThreatIntelligence.Read.All; with a wrong secret it
// gets the Error invalid_client, number AADSTS7000215.
package entra
