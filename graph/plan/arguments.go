package plan

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// maxFirst is the longest page of a connection, defaultFirst the length without the argument `first`.
const maxFirst, defaultFirst = 100, 25

// Arguments are the arguments of a field, read once, for the planner and the resolver.
type Arguments struct {
	// Values are by name, with defaults applied. An argument without a value is absent.
	Values map[string]any
	// IDs are the keys that `id` or `ids` name. ByID reports whether there are such arguments.
	IDs  []*Key
	ByID bool
	// Representations are the entities that a gateway names; nil if the field has no such argument.
	Representations []*Key

	// options are what the arguments of a list become.
	options listOptions
	// after is the argument of that name, decoded, or nil if it is not a cursor.
	after []byte
}

var noArguments Arguments

func newArguments(of *Field, values map[string]any, known keys) *Arguments {
	a := &Arguments{Values: values}
	a.readIDs(of.Target, known)
	if of.Connection != nil {
		a.options = of.readOptions(values)
	}
	if after, ok := values["after"].(string); ok {
		a.after = decodeCursor(after)
	}
	if given, ok := values["representations"].([]any); ok {
		a.Representations = readRepresentations(given, known)
	}
	return a
}

// readIDs reads the arguments `id` and `ids`, which name entities of a type.
func (a *Arguments) readIDs(of *ast.Definition, known keys) {
	if id, ok := a.Values["id"].(string); ok {
		a.IDs, a.ByID = []*Key{known.read(of, id)}, true
		return
	}
	list, ok := a.Values["ids"].([]any)
	if !ok {
		return
	}
	a.IDs, a.ByID = make([]*Key, len(list)), true
	for i, item := range list {
		id, _ := item.(string)
		a.IDs[i] = known.read(of, id)
	}
}

// entities is how many entities a field returns: one, or as many as its arguments name.
func (a *Arguments) entities() int {
	switch {
	case a.Representations != nil:
		return len(a.Representations)
	case a.ByID:
		return len(a.IDs)
	}
	return 1
}

// pageLength is how many items a page may have. One that may not be that long is refused at its place.
func (a *Arguments) pageLength() int {
	if first, ok := a.Values["first"].(int64); ok {
		return int(min(max(first, 0), maxFirst))
	}
	return defaultFirst
}
