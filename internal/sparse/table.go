package sparse

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
	"sync"

	stdjson "encoding/json"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Text is a pointer to a string type whose values are JSON strings. It decodes itself for package json, and does the
// same here.
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
	kindRaw  // the text itself: a jsontext.Value, which is a part of the text that is read
	kindText // a type whose pointer is a Text
	kindStruct
	kindStructPointer
	kindSlice
)

// shape says how the values of a type are read.
type shape struct {
	kind  kind
	of    reflect.Type // of a text or a struct
	list  reflect.Type // of a slice of structs
	table *table       // of a struct
	elem  *shape       // of a slice
}

// object returns the table of the objects in a value, through lists, nil for none.
func (s *shape) object() *table {
	for s.elem != nil {
		s = s.elem
	}
	return s.table
}

// table says which member of an object belongs to which field of a struct type.
type table struct {
	fields []field
	sparse bool      // a pointer to the struct is a Sparse
	idle   sync.Pool // of *decoder
}

type field struct {
	name  string
	index int
	shape shape
}

// match returns the index of the field that a member belongs to, -1 for none. Nil is the table without fields.
func (t *table) match(name []byte) int {
	if t == nil {
		return -1
	}
	return slices.IndexFunc(t.fields, func(f field) bool { return f.name == string(name) })
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
	case t == reflect.TypeFor[jsontext.Value]():
		return shape{kind: kindRaw}
	case t.Kind() == reflect.String && reflect.PointerTo(t).Implements(reflect.TypeFor[Text]()):
		return shape{kind: kindText, of: t}
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
		return shape{kind: kindSlice, elem: &elem}
	}
	return shape{}
}

func structShape(k kind, t reflect.Type, made map[reflect.Type]*table) shape {
	inside := newTable(t, made)
	if inside == nil {
		return shape{}
	}
	return shape{kind: k, of: t, list: reflect.SliceOf(t), table: inside}
}
