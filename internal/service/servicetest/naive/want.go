package naive

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/service/servicetest"
)

// Want compares a reply, its deferred parts put in place, with Data.
func Want(t testing.TB, s *servicetest.Service, q servicetest.Operation, a servicetest.Reply) {
	t.Helper()
	want, got := Data(t, s, q), assembled(t, a)
	if diff := cmp.Diff(any(want), withoutCursors(want, got)); diff != "" {
		t.Errorf("%s\n%v\n-direct +portico:\n%s", q.Query, q.Variables, diff)
	}
}

// assembled puts the deferred parts of an answer where they belong.
func assembled(t testing.TB, a servicetest.Reply) any {
	t.Helper()
	data := any(servicetest.Data[map[string]any](t, a))
	for _, part := range a.Parts {
		var inside map[string]any
		if err := json.Unmarshal(part.Data, &inside); err != nil {
			t.Fatal(err)
		}
		place := data
		for _, step := range part.Path {
			switch step := step.(type) {
			case string:
				place = place.(map[string]any)[step]
			case float64:
				place = place.([]any)[int(step)]
			}
		}
		object, there := place.(map[string]any)
		if !there {
			t.Fatalf("a part arrived for %v, which is no object", part.Path)
		}
		merge(object, inside)
	}
	return data
}

// merge adds to an object what a part has of it, as clients do.
func merge(into, from map[string]any) {
	for name, value := range from {
		into[name] = merged(into[name], value)
	}
}

func merged(into, from any) any {
	switch from := from.(type) {
	case map[string]any:
		if object, both := into.(map[string]any); both {
			merge(object, from)
			return object
		}
	case []any:
		if list, both := into.([]any); both {
			for i, item := range from {
				list[i] = merged(list[i], item)
			}
			return list
		}
	}
	return from
}

// Same reports whether a scalar of a reply is what [Data] has in its place.
func Same(want, got any) bool {
	text, isText := got.(string)
	return want == got || want == anyCursor && isText && text != ""
}

// withoutCursors replaces text by anyCursor wherever that is wanted.
func withoutCursors(want, got any) any {
	switch got := got.(type) {
	case map[string]any:
		wanted, _ := want.(map[string]any)
		for name, value := range got {
			got[name] = withoutCursors(wanted[name], value)
		}
	case []any:
		wanted, _ := want.([]any)
		for i, item := range got {
			if i < len(wanted) {
				got[i] = withoutCursors(wanted[i], item)
			}
		}
	case string:
		if want == anyCursor && got != "" {
			return want
		}
	}
	return got
}
