//go:build chaos

package queries_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"portico/internal/service/servicetest/naive"
)

// outcome is what a response tells beside its data: the paths of its errors, those that explain a null, and the paths of
// lists of which a warning says that items are missing.
type outcome struct{ failed, used, incomplete map[string]bool }

// isIncomplete reports whether a warning says that a list may lack items, whose errors then say nothing about the others.
func (o outcome) isIncomplete(path string) bool {
	if !o.incomplete[path] {
		return false
	}
	for at := range o.failed {
		o.used[at] = o.used[at] || strings.HasPrefix(at, path+".")
	}
	return true
}

// differences returns the places where got is neither what is wanted nor null because of an error. It notes the errors that
// explain a null.
func (o outcome) differences(want, got any, path string) (wrong []string) {
	switch got := got.(type) {
	case nil:
		explained := false
		for at := range o.failed {
			if at == path || strings.HasPrefix(at, path+".") {
				o.used[at], explained = true, true
			}
		}
		if want != nil && !explained {
			return []string{path + " is null without an error"}
		}
		return nil
	case map[string]any:
		wanted, ok := want.(map[string]any)
		if want == nil && o.unverified(got, path) {
			return nil
		}
		if want != nil && o.isIncomplete(path) {
			return nil
		}
		if !ok || len(wanted) != len(got) {
			return []string{fmt.Sprintf("%s is %v, want %v", path, got, want)}
		}
		o.used[path] = o.used[path] || o.failed[path] && wanted["id"] == nil // only lists have data beside an error of their own
		for _, name := range slices.Sorted(maps.Keys(wanted)) {
			if o.failed[path] && isPageInfo(wanted[name]) { // where the list continues is what failed
				continue
			}
			wrong = append(wrong, o.differences(wanted[name], got[name], join(path, name))...)
		}
		return wrong
	case []any:
		wanted, ok := want.([]any)
		if !ok || len(wanted) != len(got) {
			return []string{fmt.Sprintf("%s is %v, want %v", path, got, want)}
		}
		for i := range wanted {
			wrong = append(wrong, o.differences(wanted[i], got[i], join(path, strconv.Itoa(i)))...)
		}
		return wrong
	}
	if !naive.Same(want, got) {
		return []string{fmt.Sprintf("%s is %v, want %v", path, got, want)}
	}
	return nil
}

// isPageInfo reports whether an object says where a list continues.
func isPageInfo(data any) bool {
	object, _ := data.(map[string]any)
	for name := range object {
		if !slices.Contains([]string{"__typename", "hasNextPage", "hasPreviousPage", "startCursor", "endCursor"}, name) {
			return false
		}
	}
	return len(object) > 0
}

// unverified reports whether an object has nothing but its key and fields that failed: then nobody knows whether it exists.
func (o outcome) unverified(object map[string]any, path string) bool {
	errors := 0
	for name, value := range object {
		switch _, isText := value.(string); { // id and __typename follow from the query
		case value == nil:
			if len(o.differences("anything", nil, join(path, name))) > 0 {
				return false
			}
			errors++
		case !isText:
			return false
		}
	}
	return errors > 0
}

func join(path, step string) string {
	if path == "" {
		return step
	}
	return path + "." + step
}
