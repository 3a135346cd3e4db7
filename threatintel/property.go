package threatintel

import "reflect"

// Values calls yield with each value that an entity has at a path of property names, such as "services", "component",
// "name", through collections. It leaves null out. A text is a *string, so that callers can tell texts apart by where
// they are; other values are as the field's type has them, without the pointer.
func Values(entity any, path []string, yield func(value any)) {
	values(reflect.ValueOf(entity), path, yield)
}

func values(at reflect.Value, path []string, yield func(value any)) {
	switch at.Kind() {
	case reflect.Pointer, reflect.Interface:
		if at.IsNil() {
			return
		}
		if text, ok := at.Interface().(*string); ok && len(path) == 0 {
			yield(text)
			return
		}
		values(at.Elem(), path, yield)
	case reflect.Slice:
		for i := range at.Len() {
			values(at.Index(i), path, yield)
		}
	case reflect.Struct:
		if len(path) == 0 {
			return
		}
		if field, known := structOf(at.Type()).fields[path[0]]; known {
			values(at.Field(field), path[1:], yield)
		}
	default:
		leaf(at, path, yield)
	}
}

// leaf yields a value that is not null: DateTime and enumerations are null as an empty text.
func leaf(at reflect.Value, path []string, yield func(value any)) {
	switch {
	case len(path) > 0 || !at.IsValid() || (at.Kind() == reflect.String && at.Len() == 0):
	case at.Type() == reflect.TypeFor[string]():
		text := at.String()
		yield(&text)
	default:
		yield(at.Interface())
	}
}
