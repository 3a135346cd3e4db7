package graph

import (
	"context"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/incremental"
)

// referred remembers which references to other entities a response in parts shows, by their places. Each part selects
// other fields of a reference, and some of them show that the entity is unknown. If one payload has the reference and
// another one has null in the same place, clients lose what the first one said of it.
type referred struct{ shown sync.Map } // path, as text: bool

// agree returns whether a reference is shown: as the first payload decided that has it, or else as given. The places
// are those of the reference below the field that is resolved.
func (r *referred) agree(ctx context.Context, places func([]string) []ast.Path, shown bool) bool {
	if !incremental.InParts(ctx) {
		return shown
	}
	var all []string
	field := slices.Clip(graphql.GetPath(ctx))
	for _, inside := range places(nil) {
		all = append(all, append(field, inside...).String())
	}
	for _, place := range all {
		if first, known := r.shown.Load(place); known {
			shown, _ = first.(bool)
			break
		}
	}
	for _, place := range all {
		r.shown.LoadOrStore(place, shown)
	}
	return shown
}
