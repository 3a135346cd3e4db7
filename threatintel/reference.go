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
	return references(nil, reflect.ValueOf(entity), path)
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
	fields := fieldsOf(entity.Type())
	if len(path) > 0 {
		if field, known := fields[path[0]]; known {
			return references(found, entity.Field(field), path[1:])
		}
		return found
	}
	var here Reference
	if field, known := fields["id"]; known {
		here.ID = entity.Field(field).String()
	}
	if field, known := fields["@odata.type"]; known {
		here.Type = entity.Field(field).String()
	}
	if here.ID == "" {
		return found
	}
	return append(found, here)
}

// fieldIndex caches, by struct type, the index of each field by its JSON name.
var fieldIndex sync.Map // reflect.Type -> map[string]int

func fieldsOf(t reflect.Type) map[string]int {
	if known, ok := fieldIndex.Load(t); ok {
		return known.(map[string]int)
	}
	fields := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		fields[name] = i
	}
	fieldIndex.Store(t, fields)
	return fields
}
