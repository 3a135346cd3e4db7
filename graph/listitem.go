package graph

import (
	"reflect"
	"slices"
	"time"

	"portico/graph/plan"
	"portico/msgraph"
)

// listItem is an item of a list, with its values that could not be read: their paths start inside the item.
type listItem struct {
	value    any
	invalid  []msgraph.Invalid
	doubtful bool      // more of its values may not have been read than are listed
	at       time.Time // what the list is sorted by
}

// unreadableAt returns the first value that could not be read at one of some paths of property names, also inside
// collections. It has no path if it is not known which it is.
func (item listItem) unreadableAt(paths ...[]string) (bad msgraph.Invalid, found bool) {
	for _, bad := range item.invalid {
		names := namesOf(bad.Path)
		within := func(path []string) bool {
			n := min(len(names), len(path)) // what holds the value, or is inside of it, could not be read either
			return slices.Equal(names[:n], path[:n])
		}
		if isUnreadable(bad) && slices.ContainsFunc(paths, within) {
			return bad, true
		}
	}
	return msgraph.Invalid{}, item.doubtful
}

// namesOf returns a path without its indexes.
func namesOf(path []string) []string {
	return slices.DeleteFunc(slices.Clone(path), func(step string) bool {
		_, isIndex := plan.Index(step)
		return isIndex
	})
}

// isUnreadable reports whether a value became null because it could not be read.
func isUnreadable(bad msgraph.Invalid) bool {
	return bad.Notice == nil && !bad.Coerced && !bad.Unrecognized
}

// isNone reports whether an item was unreadable.
func isNone(item any) bool {
	value := reflect.ValueOf(item)
	return !value.IsValid() || (value.Kind() == reflect.Pointer && value.IsNil())
}
