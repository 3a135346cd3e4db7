package graph

import (
	"context"
	"fmt"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/code"
)

// warning says what a caller should know about a value that stands in the response, and that no error tells.
type warning struct {
	Message string   `json:"message"`
	Path    ast.Path `json:"path"`
	Code    string   `json:"code"`
	// Raw is the text of Microsoft Graph that the warning is about. It may be empty.
	Raw string `json:"raw,omitempty"`
}

// maxWarnings is how many warnings the response to an operation may have. One more tells that there are more.
// Those about lists that may lack items do not count, and none is left out: without its warning, such a list could be
// taken for the whole one.
const maxWarnings = 100

// warnings are those of one operation.
type warnings struct {
	mu      sync.Mutex
	all     []warning // those that no payload has shown yet
	seen    map[string]struct{}
	counted int // those that maxWarnings counts
}

// add adds a warning about the field that is being resolved, or about what is at a path inside it.
func (w *warnings) add(ctx context.Context, inside ast.Path, named, message string) {
	w.addRaw(ctx, inside, named, message, "")
}

// addRaw is add, with the text of Microsoft Graph that the warning is about. Equal warnings are one.
func (w *warnings) addRaw(ctx context.Context, inside ast.Path, named, message, raw string) {
	one := warning{Message: message, Path: append(graphql.GetPath(ctx), inside...), Code: named, Raw: raw}
	key := one.Path.String() + "\n" + named + "\n" + raw
	w.mu.Lock()
	defer w.mu.Unlock()
	counts := named != code.ListTruncated && named != code.UnreadableValues
	if _, known := w.seen[key]; known || (counts && w.counted > maxWarnings) {
		return
	}
	if w.seen == nil {
		w.seen = map[string]struct{}{}
	}
	w.seen[key] = struct{}{}
	if counts {
		w.counted++
	}
	if counts && w.counted > maxWarnings {
		one.Message = fmt.Sprintf("The response has more than %d warnings. Portico omits the others.", maxWarnings)
		one.Path, one.Code, one.Raw = ast.Path{}, code.MoreWarnings, ""
	}
	w.all = append(w.all, one)
}

// take returns the warnings since the last payload.
func (w *warnings) take() []warning {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.all
	w.all = nil
	return taken
}
