package threatintel

import (
	"reflect"
	"strings"
	"sync"
)

// Reference is what Microsoft Graph sends for a navigation property that is not expanded.
type Reference struct {
	ID string `json:"id"`
	// Type is the "@odata.type", as it came; often there is none.
	Type string `json:"@odata.type"`
	// Kind and Text are the kind and the value of an unclassified artifact, which has no address where they could be asked
	// for.
	Kind *string `json:"kind"`
	Text *string `json:"value"`
	// Bare reports that nothing but the id came, of an entity that should have come with more.
	Bare bool `json:"-"`
}

// Key returns the id, empty where there is no reference.
func (r *Reference) Key() string {
	if r == nil {
		return ""
	}
	return r.ID
}

// Value returns the reference itself, or the zero value if there is none.
func (r *Reference) Value() Reference {
	if r == nil {
		return Reference{}
	}
	return *r
}

// References returns what an entity refers to at a path of property names, such as "services", "component": id and
// type, in the order of the answer, without those that have no id, through collections. It knows no entity type; the
// JSON tags tell.
func References(entity any, path ...string) []Reference {
	return AppendReferences(nil, entity, path...)
}

// AppendReferences appends to a list what References returns.
func AppendReferences(found []Reference, entity any, path ...string) []Reference {
	return references(found, reflect.ValueOf(entity), path)
}

func references(found []Reference, at reflect.Value, path []string) []Reference {
	switch at.Kind() {
	case reflect.Pointer, reflect.Interface:
		if at.IsNil() {
			return found
		}
		return references(found, at.Elem(), path)
	case reflect.Slice:
		for i := range at.Len() {
			found = references(found, at.Index(i), path)
		}
		return found
	case reflect.Struct:
		return referencesOf(found, at, path)
	}
	return found
}

func referencesOf(found []Reference, entity reflect.Value, path []string) []Reference {
	s := structOf(entity.Type())
	if len(path) > 0 {
		if field, known := s.fields[path[0]]; known {
			return references(found, entity.Field(field), path[1:])
		}
		return found
	}
	here := Reference{ID: textAt(entity, s.id), Type: textAt(entity, s.kind)}
	if here.ID == "" {
		return found
	}
	if s.tells && entity.CanAddr() {
		here.Bare = entity.Addr().Interface().(referrer).IsReference() //nolint:forcetypeassert // s.tells
	}
	return append(found, here)
}

// referrer is an entity that can tell whether nothing but its id came.
type referrer interface{ IsReference() bool }

// structure is what References knows of a struct type.
type structure struct {
	fields   map[string]int // by JSON name
	id, kind int            // the fields of the id and of "@odata.type"; -1 where there is none
	tells    bool           // a pointer to it is a referrer
}

// textAt returns the text of a field, which may be none.
func textAt(entity reflect.Value, field int) string {
	if field < 0 {
		return ""
	}
	return entity.Field(field).String()
}

var structures sync.Map // reflect.Type -> *structure

func structOf(t reflect.Type) *structure {
	if known, ok := structures.Load(t); ok {
		return known.(*structure) //nolint:forcetypeassert // nothing else is stored
	}
	s := &structure{
		fields: make(map[string]int, t.NumField()), id: -1, kind: -1,
		tells: reflect.PointerTo(t).Implements(reflect.TypeFor[referrer]()),
	}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		s.fields[name] = i
		switch name {
		case "id":
			s.id = i
		case "@odata.type":
			s.kind = i
		}
	}
	structures.Store(t, s)
	return s
}
