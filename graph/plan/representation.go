package plan

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/internal/coerce"
	"portico/threatintel"
)

// Representation is an entity as another subgraph knows it. Nothing is sent for one that is Refused, and nothing else
// of it is set.
type Representation struct {
	On        *ast.Definition
	Reference threatintel.Reference
	Refused   error
}

func readRepresentations(given []any, known keys) []Representation {
	all := make([]Representation, len(given))
	for i, one := range given {
		var err error
		if all[i], err = readRepresentation(one, known); err != nil {
			all[i] = Representation{Refused: err}
		}
	}
	return all
}

// readRepresentation reads one representation. The error is for the caller.
func readRepresentation(given any, known keys) (r Representation, err error) {
	members, _ := given.(map[string]any)
	named, _ := members["__typename"].(string)
	if def := Schema.Types[named]; def == nil || def.Directives.ForName("key") == nil {
		return r, &threatintel.InputError{
			Reason: fmt.Sprintf("`__typename` must be a type with a key in this subgraph (got %q).", named),
		}
	}
	id, ok := coerce.ID(members["id"])
	if !ok {
		return r, &threatintel.InputError{Reason: "A representation of " + named + " requires an `id`."}
	}
	r.On = Schema.Types[named]
	key := known.read(named, id)
	if key.Refused != nil {
		return r, key.Refused
	}
	r.Reference.ID = key.ID
	is := concreteType(endpointType(r.On), r.Reference)
	if r.On.Kind == ast.Interface { // a subgraph that does not know the type of its host
		r.On = is
	}
	if is != r.On {
		return r, &threatintel.IDError{Reason: "The id belongs to type " + is.Name + ", not " + named}
	}
	return r, nil
}
