package plan

import (
	"github.com/vektah/gqlparser/v2/ast"

	"portico/threatintel"
)

// targets are what the references of one operation lead to. The items of a list often refer to the same entities.
type targets = memo[referred, *referredTo]

// referred identifies what a selection requests of the target of a reference.
type referred struct {
	source   *ast.Field // nil for a selection that has none
	declared *ast.Definition
	id, kind string
}

// referredTo is the target of a reference, with what is requested of it, once that is known.
type referredTo struct {
	Target
	projection *Projection
}

// Target returns what a reference leads to, and what a selection requests of it.
func (r *Reading) Target(s Selection, declared *ast.Definition, to threatintel.Reference) (*Target, *Projection) {
	key := referred{s.source, declared, to.ID, to.Type}
	known, found := r.targets.get(key)
	if !found {
		known = &referredTo{Target: targetOf(declared, to)}
		if s.source != nil {
			known.projection = s.Of(&known.Target)
		}
		r.targets.put(key, known)
	}
	if known.projection != nil {
		return &known.Target, known.projection
	}
	return &known.Target, s.Of(&known.Target)
}
