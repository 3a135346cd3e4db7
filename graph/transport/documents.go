package transport

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json/jsontext"
)

// DocumentInPath is the name of the wildcard in a route's path that names a document, as in /graphql/{document}.
const DocumentInPath = "document"

// Documents finds the documents that requests name in place of a query.
type Documents interface {
	// Text returns the text of the document with an id.
	Text(id string) (text string, known bool)
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
func (p *parameters) find(documents Documents) *rejection {
	if p.Query != "" {
		return nil
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
	if text, known := documents.Text(id); known {
		p.Query = text
		return nil
	}
	if documents.Required() {
		return refusedDocument
	}
	return refusedUnknown
}

// id returns the one id that the request holds, empty if there is none.
func (p *parameters) id() (id string, refused *rejection) {
	if persisted, ok := p.Extensions["persistedQuery"].(map[string]any); ok {
		hash, _ := persisted["sha256Hash"].(string)
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
