// Package callers decides who may call Portico.
//
// It takes the bearer token out of each request, verifies it by the rules of its issuer (Microsoft Entra ID, or any
// OpenID Connect issuer), and puts the caller into the request's context and log line. Requests that it refuses get the
// status and the challenge of RFC 6750 with a GraphQL error in the body; RFC 9728 metadata says where tokens come from.
//
// The signing keys of each issuer are fetched in the background and never while a request waits. Verified tokens are
// remembered by hash until they expire.
//
// It knows nothing of Microsoft Graph: which token a request carries upstream is the business of package auth, to which
// it hands the caller's token.
package callers
