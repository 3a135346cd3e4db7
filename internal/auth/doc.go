// Package auth has the tokens for Microsoft Graph.
//
// It knows as whom Microsoft Graph is asked (the application, the caller on whose behalf the application acts, or the
// caller with the caller's own token), and how a token is had, kept, renewed ahead of its end and replaced when
// Microsoft Graph refuses it. Requests get their token from an [http.RoundTripper], so nobody else in the service
// handles one. The caller comes with the context, see [WithCaller].
//
// It does not know what is asked of Microsoft Graph, nor does it decide who may call: that is package callers'.
//
// MSAL asks Microsoft Entra ID, and does no more: its client lives for one token request. Its caches neither merge the
// requests of concurrent callers nor, for the on-behalf-of flow, ever shrink, so the tokens are kept here.
package auth
