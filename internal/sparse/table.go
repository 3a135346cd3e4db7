package sparse

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
	"sync"

	stdjson "encoding/json"

	"github.com/go-json-experiment/json"
)

// Text is a value that is written as a JSON string. It decodes itself for package json, and does the same here.
type Text interface {
	json.UnmarshalerFrom
	// ReadText sets the value from what the string stands for. It is not called for null, which is the zero value. An
	// error leaves the text to package json.
	ReadText(text string) error
}

// Sparse is a struct that is told when one of its properties was skipped.
type Sparse interface {
	// LeaveOut is called when a property was skipped that is not null.
	LeaveOut()
}

// kind is how a value is read.
type kind int

const (
	kindOther kind = iota // by package json
	kindString
	kindStringPointer
	kindInt32Pointer
	kindBoolPointer
	kindText // a type whose pointer is a Text
	kindStruct
	kindStructPointer
	kindSlice
)

// shape says how the values of a type are read.
type shape struct {
	kind kind
	// of is the struct, or the element of the slice.
	of    reflect.Type
	table *table // of a struct
	elem  *shape // of a slice
}

// table says which member of an object belongs to which field of a struct type.
type table struct {
	fields []field
	sparse bool // a pointer to the struct is a Sparse
}

type field struct {
	name  string
	index int
	shape shape
}

// match returns the index of the field that a member belongs to, -1 for none. Members mostly come in the order of the
// fields, so the search begins at the field after the last one.
func (t *table) match(name []byte, next int) int {
	for i := next; i < len(t.fields); i++ {
		if t.fields[i].name == string(name) {
			return i
		}
	}
	for i := range min(next, len(t.fields)) {
		if t.fields[i].name == string(name) {
			return i
		}
	}
	return -1
}

// maxFields is how many fields a struct may have, since a set of them is a uint64.
const maxFields = 64

var tables sync.Map // reflect.Type -> *table, nil for a type that is left to package json

// tableOf returns the table of a struct type, nil for one whose tags this package does not know.
func tableOf(t reflect.Type) *table {
	if known, ok := tables.Load(t); ok {
		return known.(*table) //nolint:forcetypeassert // nothing else is stored
	}
	made := newTable(t, map[reflect.Type]*table{})
	tables.Store(t, made)
	return made
}

// newTable makes a table, and those of all types inside. Made holds those that are made, and nil for those that are
// being made: a type inside itself is left to package json.
func newTable(t reflect.Type, made map[reflect.Type]*table) *table {
	if known, ok := made[t]; ok {
		return known
	}
	if t.NumField() > maxFields {
		return nil
	}
	all := &table{sparse: reflect.PointerTo(t).Implements(reflect.TypeFor[Sparse]())}
	made[t] = nil
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, tagged := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous || options != "" || tagged || (f.IsExported() && name == ""):
			return nil
		case f.IsExported() && name != "-":
			all.fields = append(all.fields, field{name, i, shapeOf(f.Type, made)})
		}
	}
	made[t] = all
	return all
}

var ownDecoders = []reflect.Type{
	reflect.TypeFor[json.UnmarshalerFrom](), reflect.TypeFor[stdjson.Unmarshaler](),
	reflect.TypeFor[encoding.TextUnmarshaler](),
}

// decodesItself reports whether package json calls a method of a value, or of a pointer to it, to read it.
func decodesItself(t reflect.Type) bool {
	return slices.ContainsFunc(ownDecoders, func(own reflect.Type) bool {
		return t.Implements(own) || reflect.PointerTo(t).Implements(own)
	})
}

func shapeOf(t reflect.Type, made map[reflect.Type]*table) shape {
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[Text]()):
		return shape{kind: kindText}
	case decodesItself(t):
		return shape{}
	}
	switch t {
	case reflect.TypeFor[string]():
		return shape{kind: kindString}
	case reflect.TypeFor[*string]():
		return shape{kind: kindStringPointer}
	case reflect.TypeFor[*int32]():
		return shape{kind: kindInt32Pointer}
	case reflect.TypeFor[*bool]():
		return shape{kind: kindBoolPointer}
	}
	return compound(t, made)
}

// compound is shapeOf for structs and slices.
func compound(t reflect.Type, made map[reflect.Type]*table) shape {
	switch {
	case t.Kind() == reflect.Struct:
		return structShape(kindStruct, t, made)
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct && !decodesItself(t.Elem()):
		return structShape(kindStructPointer, t.Elem(), made)
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		elem := shapeOf(t.Elem(), made)
		return shape{kind: kindSlice, of: t.Elem(), elem: &elem}
	}
	return shape{}
}

func structShape(k kind, t reflect.Type, made map[reflect.Type]*table) shape {
	inside := newTable(t, made)
	if inside == nil {
		return shape{}
	}
	return shape{kind: k, of: t, table: inside}
}
