package graph

import (
	"context"

	"portico/graph/transport"
	"portico/internal/documents"
)

// named finds the documents that requests name: first among the trusted ones, then among those that the caller
// registered.
type named struct {
	trusted  *Trusted
	registry *documents.Registry // nil: callers register none
	caller   func(context.Context) string
}

var _ transport.Documents = named{}

// documents is how the transport finds documents, nil if requests cannot name any.
func (o Options) documents() transport.Documents {
	switch {
	case o.Trusted == nil && o.Registrant == nil:
		return nil
	case o.Registrant == nil:
		return named{trusted: o.Trusted}
	}
	return named{trusted: o.Trusted, registry: documents.NewRegistry(o.SharedDocuments), caller: o.Registrant}
}

// sharedBy returns the key under which identical requests in flight share a response. A hash may stand for a document
// that only one caller registered, so with a registry each caller has a key of its own.
func (o Options) sharedBy() func(context.Context) string {
	if o.Identity == nil || o.Registrant == nil {
		return o.Identity
	}
	return func(ctx context.Context) string { return o.Identity(ctx) + "\n" + o.Registrant(ctx) }
}

// Text implements [transport.Documents].
func (n named) Text(ctx context.Context, id string) (text string, known bool) {
	if text, known = n.trusted.Text(id); known || n.registry == nil {
		return text, known
	}
	return n.registry.Text(ctx, n.caller(ctx), id)
}

// Register implements [transport.Documents].
func (n named) Register(ctx context.Context, hash, text string) error {
	if n.registry == nil {
		return nil
	}
	return n.registry.Register(n.caller(ctx), hash, text)
}

// Required implements [transport.Documents].
func (n named) Required() bool { return n.trusted.required() }
