// Package auth stands at the two edges of the service: callers in, Microsoft
// Graph's tokens out.
//
// It knows who asks (the caller's bearer token, taken from the request and kept
// in the context), as whom Microsoft Graph is asked (the application, the caller
// on whose behalf the application acts, or the caller's own token), and how a
// token is had, kept, renewed ahead of its end and replaced when Microsoft Graph
// refuses it. Requests get their token from an [http.RoundTripper], so nobody
// else in the service handles one.
//
// It does not know what is asked of Microsoft Graph, nor does it verify callers:
// in the modes that use the caller's token, Microsoft Entra ID or Microsoft Graph
// decides about it.
//
// MSAL asks Microsoft Entra ID, and does no more: its client lives for one token
// request. Its caches neither merge the requests of concurrent callers nor, for
// the on-behalf-of flow, ever shrink, so the tokens are kept here.
package auth
