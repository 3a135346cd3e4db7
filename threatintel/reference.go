package threatintel

import (
	"reflect"
	"strings"
	"sync"
)

// References returns the ids that an entity refers to at a path of property names, such as "services", "component":
// in the order of the answer, without empty ones, through collections. It knows no entity type; the JSON tags tell.
func References(entity any, path ...string) []string {
	return references(nil, reflect.ValueOf(entity), path)
}

func references(ids []string, at reflect.Value, path []string) []string {
	switch at.Kind() {
	case reflect.Pointer, reflect.Interface:
		if at.IsNil() {
			return ids
		}
		return references(ids, at.Elem(), path)
	case reflect.Slice:
		for i := range at.Len() {
			ids = references(ids, at.Index(i), path)
		}
		return ids
	case reflect.Struct:
		return referencesOf(ids, at, path)
	}
	return ids
}

func referencesOf(ids []string, entity reflect.Value, path []string) []string {
	name := "id"
	if len(path) > 0 {
		name = path[0]
	}
	field, known := fieldsOf(entity.Type())[name]
	switch {
	case !known:
		return ids
	case len(path) > 0:
		return references(ids, entity.Field(field), path[1:])
	case entity.Field(field).String() == "":
		return ids
	}
	return append(ids, entity.Field(field).String())
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
