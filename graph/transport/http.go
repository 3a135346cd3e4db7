// Package transport is GraphQL over HTTP: it reads requests, negotiates the form of answers, and writes them, in one
// piece or, for @defer, in parts. Identical operations of one identity that are in flight at the same time it runs
// once.
//
// It knows HTTP and gqlgen's executor. It knows no schema, and nothing of Microsoft Graph.
package transport

import (
	"context"
	"net/http"

	"portico/graph/limits"
	"portico/internal/quota"
)

// HTTP is a gqlgen transport: GraphQL over HTTP as the specification of that name has it, by POST, and by QUERY and GET
// for queries, with multipart/mixed answers for @defer. It is the only transport that a server needs, and it answers
// every request that reaches it.
//
// https://graphql.github.io/graphql-over-http/draft/
type HTTP struct {
	// Limits holds what a request may ask for. The transport holds requests to Body, Errors and Deadline.
	Limits limits.Limits
	// Sharing merges identical operations in flight. Nil merges none.
	Sharing *Sharing
	// Challenge returns the WWW-Authenticate header that asks the caller for a token with the claims; empty, or nil, if
	// the caller's client cannot answer that.
	Challenge func(ctx context.Context, claims string) string
	// Quota returns the state of the caller's quota for the RateLimit header fields. One whose Limit is 0, or nil, has no
	// such fields.
	Quota func(context.Context) quota.State
	// Documents are those that requests may name in place of a query; nil if there are none.
	Documents Documents
	// CrossOrigin decides about requests that a browser sends for another site. Nil allows none.
	CrossOrigin *http.CrossOriginProtection
	// Extensions are those of answers to requests that were not executed. Executed ones get theirs from the executor.
	Extensions map[string]any
}

// limit ends a context at the operation's deadline.
func (t HTTP) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if t.Limits.Deadline <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, t.Limits.Deadline)
}
