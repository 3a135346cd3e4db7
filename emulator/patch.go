package emulator

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"portico/emulator/odata"
)

// patch replaces the value at a path in a JSON value.
func patch(value []byte, path []string, raw string) []byte {
	if len(path) == 0 {
		return []byte(raw)
	}
	switch jsontext.Value(value).Kind() {
	case '{':
		return patchObject(value, path, raw)
	case '[':
		return patchArray(value, path, raw)
	default:
		return value
	}
}

func patchObject(object []byte, path []string, raw string) []byte {
	out := []byte{'{'}
	found := false
	err := odata.EachMember(object, func(name string, value jsontext.Value) error {
		text := []byte(value)
		if name == path[0] {
			found = true
			text = patch(text, path[1:], raw)
			if len(path) == 1 && raw == "" {
				return nil
			}
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(odata.AppendString(out, name), ':'), text...)
		return nil
	})
	switch {
	case err != nil:
		return object
	case !found && path[0] != "value":
		return patchObject(object, append([]string{"value"}, path...), raw) // the example is wrapped
	}
	return append(out, '}')
}

func patchArray(array []byte, path []string, raw string) []byte {
	values := odata.Elements(array)
	out := []byte{'['}
	for i, v := range values {
		if i > 0 {
			out = append(out, ',')
		}
		if strconv.Itoa(i) == path[0] {
			v = patch(v, path[1:], raw)
		}
		out = append(out, v...)
	}
	return append(out, ']')
}
