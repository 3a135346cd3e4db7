package transport

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json/jsontext"
)

// DocumentInPath is the name of the wildcard in a route's path that names a document, as in /graphql/{document}.
const DocumentInPath = "document"

// Documents finds the documents that requests name in place of a query.
type Documents interface {
	// Text returns the text of the document with an id.
	Text(ctx context.Context, id string) (text string, known bool)
	// Register keeps the text of a request that also has a hash, if clients may register documents. The error is that of
	// a hash that is not the text's.
	Register(ctx context.Context, hash, text string) error
	// Required reports whether no other documents are executed.
	Required() bool
}

// parameters are what a request holds.
type parameters struct {
	graphql.RawParams
	ids []string // that name the document; empty ones name none
}

func readID(d *jsontext.Decoder, p *parameters) error {
	var id string
	err := readString(d, &id)
	p.ids = append(p.ids, id)
	return err
}

// find puts in the query that the request names. A request that brings a query is read by that alone, so that nobody
// passes off another query under the id of a trusted one.
func (p *parameters) find(ctx context.Context, documents Documents) *rejection {
	if p.Query != "" {
		return p.register(ctx, documents)
	}
	id, refused := p.id()
	switch {
	case refused != nil:
		return refused
	case id == "":
		return badRequest("The request has no query.")
	case documents == nil:
		return refusedHash
	}
	if text, known := documents.Text(ctx, id); known {
		p.Query = text
		return nil
	}
	if documents.Required() {
		return refusedDocument
	}
	return refusedUnknown
}

// register offers the query under the hash that the request has beside it.
func (p *parameters) register(ctx context.Context, documents Documents) *rejection {
	hash, found := p.hash()
	if !found || hash == "" || documents == nil {
		return nil
	}
	if documents.Register(ctx, hash, p.Query) != nil {
		return badRequest("extensions.persistedQuery.sha256Hash is not the SHA-256 of the query.")
	}
	return nil
}

// hash returns the hash of an automatic persisted query, empty if it is not a string.
func (p *parameters) hash() (hash string, found bool) {
	persisted, found := p.Extensions["persistedQuery"].(map[string]any)
	hash, _ = persisted["sha256Hash"].(string)
	return hash, found
}

// id returns the one id that the request has, empty if there is none.
func (p *parameters) id() (id string, refused *rejection) {
	if hash, found := p.hash(); found {
		if hash == "" {
			return "", badRequest("extensions.persistedQuery must have a sha256Hash, as a string.")
		}
		p.ids = append(p.ids, hash)
	}
	for _, other := range p.ids {
		if id != "" && other != "" && other != id {
			return "", badRequest("The request names two different documents.")
		}
		if other != "" {
			id = other
		}
	}
	return id, nil
}
