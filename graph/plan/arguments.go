package plan

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// maxFirst is the longest page of a connection, defaultFirst the length without the argument `first`.
const maxFirst, defaultFirst = 100, 25

// Arguments are the arguments of a field, read once, for the planner and the resolver.
type Arguments struct {
	// IDs are the keys that `id` or `ids` name. ByID reports whether there are such arguments.
	IDs  []*Key
	ByID bool
	// Representations are the entities that a gateway names; nil if the field has no such argument.
	Representations []*Key

	list *listArguments // of a list
	one  [1]*Key        // holds IDs, where `id` names one
}

// listArguments are those of a list.
type listArguments struct {
	listOptions
	first   int // as it was given, or the default
	orderBy string
	after   *string // as it was given
	cursor  []byte  // decoded from after; nil if after is not a cursor
}

var noArguments = Arguments{list: &listArguments{first: defaultFirst}}

// read reads the arguments of a field from their values, with defaults applied.
func (a *Arguments) read(of *Field, values map[string]any, known keys) {
	a.readIDs(of.Target, values, known)
	if of.Connection != nil {
		a.list = newListArguments(of, values)
	}
	if given, ok := values["representations"].([]any); ok {
		a.Representations = readRepresentations(given, known)
	}
}

func newListArguments(of *Field, values map[string]any) *listArguments {
	list := &listArguments{listOptions: of.readOptions(values), first: defaultFirst}
	if first, ok := values["first"].(int64); ok {
		list.first = int(first)
	}
	list.orderBy, _ = values["orderBy"].(string)
	if after, ok := values["after"].(string); ok {
		list.after, list.cursor = &after, decodeCursor(after)
	}
	return list
}

// readIDs reads the arguments `id` and `ids`, which name entities of a type.
func (a *Arguments) readIDs(of *ast.Definition, values map[string]any, known keys) {
	if id, ok := values["id"].(string); ok {
		a.one[0] = known.read(of, id)
		a.IDs, a.ByID = a.one[:], true
		return
	}
	list, ok := values["ids"].([]any)
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
	return min(max(a.list.first, 0), maxFirst)
}
