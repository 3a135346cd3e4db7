package graph

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/code"
	"portico/graph/limits"
)

const (
	// maxItems is how many items a list argument may have, but for ids, which have their own limit, and representations,
	// which the size of the response bounds.
	maxItems = 100
	// manyStrings is how many times the longest string all strings of one argument may have together: they are written
	// into a URL for each owner of the list.
	manyStrings = 4
	// maxCursor is how many bytes an argument `after` may have: a cursor holds the link that it goes on with.
	maxCursor = 16 << 10
)

// checkValues returns what is too long about the arguments of a field, nil if nothing is.
func checkValues(defs ast.ArgumentDefinitionList, c *call, l limits.Limits) *limitError {
	if l.IDs > 0 && len(c.ids) > l.IDs {
		return &limitError{code.LimitIDs, "`ids` has", len(c.ids), "entries", l.IDs}
	}
	for _, def := range defs {
		longest := l.Value
		switch {
		case def.Type.Name() == "ID" || def.Type.Name() == "_Any": // an id that is too long is refused at its place
			continue
		case def.Name == "after":
			longest = maxCursor
		}
		total := 0
		if err := checkValue(def.Name, c.values[def.Name], longest, &total); err != nil {
			return err
		}
		if l.Value > 0 && total > max(longest, manyStrings*l.Value) {
			return &limitError{code.LimitValue, fmt.Sprintf("The strings in `%s` have", def.Name), total, "bytes together", manyStrings * l.Value}
		}
	}
	return nil
}

// checkValue looks at a value and at all that is in it, and adds up the bytes of its strings.
func checkValue(name string, value any, longest int, total *int) *limitError {
	switch value := value.(type) {
	case string:
		*total += len(value)
		if longest > 0 && len(value) > longest {
			return &limitError{code.LimitValue, fmt.Sprintf("`%s` has", name), len(value), "bytes", longest}
		}
	case []any:
		if len(value) > maxItems {
			return &limitError{code.LimitValue, fmt.Sprintf("`%s` has", name), len(value), "items", maxItems}
		}
		for _, item := range value {
			if err := checkValue(name, item, longest, total); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, member := range slices.Sorted(maps.Keys(value)) {
			if err := checkValue(name+"."+member, value[member], longest, total); err != nil {
				return err
			}
		}
	}
	return nil
}
