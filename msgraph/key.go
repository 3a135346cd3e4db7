package msgraph

import (
	"bytes"
	"net/url"
	"reflect"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// identifies gives an entity the key that its lookup names it by, where the response was not asked for it. It returns
// false if it was, or if nothing in the body shows that it is an entity: any JSON object could be one else, such as the
// page of a proxy.
func (l Lookup) identifies(entity any, body []byte) bool {
	at := reflect.ValueOf(entity).Elem()
	if l.Query.selectsKey() || (at.IsZero() && !l.Query.isAnswered(body)) {
		return false
	}
	key, err := url.PathUnescape(l.Path[strings.LastIndexByte(l.Path, '/')+1:])
	id := at.FieldByIndex(idIndex(at.Type()))
	if err != nil || key == "" || id.Kind() != reflect.String {
		return false
	}
	id.SetString(key)
	return true
}

// isAnswered reports whether a body has a member that was asked for, be it null, or says that it is one entity. A
// service may leave out what is null.
func (q Query) isAnswered(body []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(body), anyText)
	if token, err := dec.ReadToken(); err != nil || token.Kind() != '{' {
		return false
	}
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return false
		}
		name := token.String()
		value, err := dec.ReadValue()
		switch {
		case err != nil:
			return false
		case name == "@odata.context" && bytes.HasSuffix(value, []byte(`/$entity"`)), q.asksFor(name):
			return true
		}
	}
	return false
}

// asksFor reports whether a property is selected or expanded, of whatever type.
func (q Query) asksFor(property string) (found bool) {
	for _, names := range []Names{q.Select, q.Expand} {
		names.Each(func(name string) {
			found = found || name[strings.LastIndexByte(name, '/')+1:] == property
		})
	}
	return found
}

// ids remembers where the entities of a type keep their id.
var ids sync.Map // reflect.Type -> []int, nil for a type without id

// hasID reports whether the entity has a non-empty id, or its type none.
func hasID[T any](entity *T) bool {
	index := idIndex(reflect.TypeFor[T]())
	if index == nil {
		return true
	}
	id, err := reflect.ValueOf(entity).Elem().FieldByIndexErr(index)
	if err != nil {
		return false
	}
	if id.Kind() == reflect.Pointer {
		id = id.Elem()
	}
	return id.IsValid() && id.Len() > 0
}

func idIndex(t reflect.Type) []int {
	if index, ok := ids.Load(t); ok {
		return index.([]int)
	}
	index := findID(t)
	ids.Store(t, index)
	return index
}

func findID(t reflect.Type) []int {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		base := field.Type
		if base.Kind() == reflect.Pointer {
			base = base.Elem()
		}
		if name == "id" && base.Kind() == reflect.String {
			return field.Index
		}
	}
	return nil
}
