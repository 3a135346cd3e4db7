package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
	"portico/graph/limits"
	"portico/graph/plan"
	"portico/internal/documents"
	"portico/loaders"
	"portico/msgraph"
)

// Options are the settings of the handler. It does not change them.
type Options struct {
	// Fetch asks Microsoft Graph, by relative URL; see msgraph.Client.
	Fetch Fetcher
	// Identity is a key for the identity that Microsoft Graph is asked as. Answers are shared under equal keys alone.
	Identity func(context.Context) string
	// Limits bound what one request may ask for.
	Limits limits.Limits
	// HostHints lets an id predict a host that is referred to; see plan.Planner.
	HostHints bool
	// ShowCost lists the requests in extensions.upstream of every response, which always has their number.
	ShowCost bool
	// Emulated says in every answer, by extensions.emulator, that its data is invented.
	Emulated bool
	// Cursors seals the cursors of lists. Nil: with a key that ends with this process.
	Cursors *plan.Sealer
	// Challenge returns the WWW-Authenticate header that asks the caller for a token with the claims; empty, or nil, if
	// the caller cannot answer that.
	Challenge func(ctx context.Context, claims string) string
	// Admit reports whether an operation that starts with n lookups can finish in time; see msgraph.Client. Nil
	// admits all.
	Admit func(ctx context.Context, lookups int) (leave func(), failure *msgraph.Error)
	// Stored returns how many of the URLs a cache answers at the moment, which needs no room. Nil: none.
	Stored func(ctx context.Context, urls []string) int
	// Quota charges callers with the items that they request; nil charges nobody.
	Quota Quota
	// HideSchema refuses introspection and _service, and keeps validation errors from suggesting names.
	HideSchema bool
	// Trusted are documents that requests may name; nil if there are none.
	Trusted *Trusted
	// CrossOrigin decides about requests that a browser sends for a page of another site. Nil refuses all.
	CrossOrigin *http.CrossOriginProtection
	// Registrant names the caller whose documents are registered under their hashes (automatic persisted queries). Nil:
	// none are.
	Registrant func(context.Context) string
	// SharedDocuments lets other replicas find these documents. Nil: each has its own.
	SharedDocuments documents.Shared
	// RefusedOption is told the endpoint of Microsoft Graph that turned out to refuse a query option; nil tells nobody.
	RefusedOption func(endpoint string)
	// Log hears of what callers are not told.
	Log *slog.Logger
}

// Fetcher is the part of msgraph.Client that this package uses.
type Fetcher interface {
	loaders.Fetcher
	NextPage(path, link string) (query string, ok bool)
}

// recovered hides a panic of a resolver from the caller, whose answer stands but for that field.
func (o Options) recovered(ctx context.Context, value any) error {
	o.Log.ErrorContext(ctx, "resolver panicked", "path", graphql.GetPath(ctx).String(), "type", fmt.Sprintf("%T", value))
	return &gqlerror.Error{Message: "internal error", Extensions: map[string]any{"code": code.Internal}}
}

// extensions are those of every response.
func (o Options) extensions() map[string]any {
	if !o.Emulated {
		return nil
	}
	return map[string]any{"emulator": true}
}
