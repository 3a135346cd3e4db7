package plan

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/threatintel"
)

// Key is an entity that a caller named by its id. Nothing is sent for one that is Refused, and nothing else of it is
// set.
type Key struct {
	Target
	Refused error
}

// keys are the ids of an operation. The same one may be there thousands of times, and is read once.
type keys map[givenID]*Key

// givenID is an id as a caller gave it, for a type.
type givenID struct {
	of   *ast.Definition
	text string
}

func (k keys) read(of *ast.Definition, text string) *Key {
	given := givenID{of, text}
	if known := k[given]; known != nil {
		return known
	}
	key := readKey(of, text)
	k[given] = &key
	return &key
}

// readKey is the one place where an id that a caller gave is checked, and becomes a path.
func readKey(of *ast.Definition, text string) Key {
	id, err := threatintel.CanonicalID(of.Name, text)
	if err != nil {
		return Key{Refused: err}
	}
	t := targetOf(of, threatintel.Reference{ID: id})
	if t.Endpoint == nil {
		return Key{Refused: refuseNode(id)}
	}
	return Key{Target: t}
}

// NodePath returns the path of the entity that the field node has for an id.
func NodePath(id string) (string, error) {
	key := readKey(Schema.Types["Node"], id)
	if key.Refused != nil {
		return "", key.Refused
	}
	return key.resource.path(), nil
}

// refuseNode returns the error for an id of a node that leads to no endpoint.
func refuseNode(id string) error {
	if named, _, led := threatintel.CutType(id); led {
		return &threatintel.IDError{Reason: fmt.Sprintf("Microsoft Graph cannot fetch type %.100q by id", named)}
	}
	return &threatintel.IDError{
		Reason: "Cannot infer the entity type from this id. Prefix it with the type, for example `HostPort:" + id + "`",
	}
}
