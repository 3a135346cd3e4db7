package plan

import (
	"fmt"

	"portico/internal/coerce"
	"portico/threatintel"
)

func readRepresentations(given []any, known keys) []*Key {
	all := make([]*Key, len(given))
	for i, one := range given {
		var err error
		if all[i], err = readRepresentation(one, known); err != nil {
			all[i] = &Key{Refused: err}
		}
	}
	return all
}

// readRepresentation reads one entity as another subgraph knows it, by its type and its id. The error is for the
// caller.
func readRepresentation(given any, known keys) (*Key, error) {
	members, _ := given.(map[string]any)
	named, _ := members["__typename"].(string)
	on := Schema.Types[named]
	if on == nil || on.Directives.ForName("key") == nil {
		return nil, &threatintel.InputError{
			Reason: fmt.Sprintf("`__typename` must be a type with a key in this subgraph (got %q).", named),
		}
	}
	id, ok := coerce.ID(members["id"])
	if !ok {
		return nil, &threatintel.InputError{Reason: "A representation of " + named + " requires an `id`."}
	}
	key := known.read(on, id)
	if key.Refused != nil {
		return key, key.Refused
	}
	is := concreteType(key.Endpoint, threatintel.Reference{ID: key.ID})
	if is != key.Concrete {
		return nil, &threatintel.IDError{Reason: "The id belongs to type " + is.Name + ", not " + named}
	}
	return key, nil
}
