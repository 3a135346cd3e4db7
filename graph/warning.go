package graph

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// warning says what a caller should know about a value that stands in the response, and that no error tells.
type warning struct {
	Message string   `json:"message"`
	Path    ast.Path `json:"path"`
	Code    string   `json:"code"`
}

// warnings are those of one operation that no payload has shown yet.
type warnings struct {
	mu  sync.Mutex
	all []warning
}

// add adds a warning about the field that is being resolved, or about what is at a path inside it.
func (w *warnings) add(ctx context.Context, inside ast.Path, code, message string) {
	path := append(graphql.GetPath(ctx), inside...)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, warning{Message: message, Path: path, Code: code})
}

// take returns the warnings since the last payload.
func (w *warnings) take() []warning {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.all
	w.all = nil
	return taken
}
