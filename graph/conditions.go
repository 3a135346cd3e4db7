package graph

import (
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"portico/graph/plan"
	"portico/threatintel"
)

// test reports whether an item of a list meets a condition, as far as its values could be read.
type test func(item any) bool

// verdict is what is known of an item and all conditions. The zero value is that it does not meet them.
type verdict int

const (
	fails   verdict = iota
	unknown         // a value that decides it could not be read
	meets
)

// conditions makes tests of conditions. It is safe for concurrent use.
type conditions struct {
	folded sync.Map // texts in lower case, by *string
}

// all returns what judges items by all conditions. What depends on the conditions alone is worked out once. A value
// that could not be read never makes a condition hold, and one condition that fails for certain decides.
func (c *conditions) all(where []plan.Condition) func(item listItem) verdict {
	tests := make([]test, len(where))
	for i, condition := range where {
		tests[i] = c.test(condition)
	}
	return func(item listItem) verdict {
		if isNone(item.value) {
			return unknown
		}
		found := meets
		for i, holds := range tests {
			if holds(item.value) {
				continue
			}
			if _, bad := item.unreadableAt(where[i].On...); !bad {
				return fails
			}
			found = unknown
		}
		return found
	}
}

// test returns the test of a condition, by its kind.
func (c *conditions) test(condition plan.Condition) test {
	switch condition.Holds {
	case "SINCE", "BETWEEN":
		return inTime(condition)
	case "CONTAINS":
		text, _ := condition.Values[0].(string)
		return c.anyText(condition.On[0], contains(text))
	}
	return c.oneOf(condition)
}

// inTime returns whether the time from the first property to the last overlaps a range.
func inTime(condition plan.Condition) test {
	first, last := condition.On[0], condition.On[len(condition.On)-1]
	return func(item any) bool { return condition.Time.Overlaps(timeAt(item, first), timeAt(item, last)) }
}

// anyText returns whether a text at a path, in lower case, meets a test.
func (c *conditions) anyText(path []string, holds func(folded string) bool) test {
	return func(item any) (found bool) {
		threatintel.Values(item, path, func(value any) {
			if text, ok := value.(*string); ok && !found {
				found = holds(c.fold(text))
			}
		})
		return found
	}
}

func contains(text string) func(string) bool {
	wanted := strings.ToLower(text)
	return func(folded string) bool { return strings.Contains(folded, wanted) }
}

// fold returns a text in lower case, which the other lists of the operation need as well.
func (c *conditions) fold(text *string) string {
	if folded, ok := c.folded.Load(text); ok {
		return folded.(string) //nolint:forcetypeassert // nothing else is stored
	}
	folded := strings.ToLower(*text)
	c.folded.Store(text, folded)
	return folded
}

// oneOf returns whether a value at the path is one of those that are wanted: a text in any letter case, a member of an
// enumeration by its name in the schema, a number or a boolean as it is.
func (c *conditions) oneOf(condition plan.Condition) test {
	wanted := make(map[any]bool, len(condition.Values))
	for _, value := range condition.Values {
		if text, ok := value.(string); ok {
			value = strings.ToLower(text)
		}
		wanted[value] = true
	}
	return func(item any) (found bool) {
		threatintel.Values(item, condition.On[0], func(value any) {
			found = found || wanted[c.comparable(value)]
		})
		return found
	}
}

// comparable returns a value of an item in the form in which the values of a condition are compared.
func (c *conditions) comparable(value any) any {
	switch value := value.(type) {
	case *string:
		return c.fold(value)
	case int32:
		return int64(value)
	case bool:
		return value
	case graphql.Marshaler:
		return strings.ToLower(memberName(value))
	}
	return nil
}

// memberName is the name of a member of an enumeration in the schema.
func memberName(m graphql.Marshaler) string {
	var b strings.Builder
	m.MarshalGQL(&b)
	return strings.Trim(b.String(), `"`)
}

// timeAt returns the time at a path as responses show it, the zero time for null.
func timeAt(item any, path []string) (at time.Time) {
	threatintel.Values(item, path, func(value any) {
		if text, ok := value.(threatintel.DateTime); ok {
			at = text.Shown()
		}
	})
	return at
}
