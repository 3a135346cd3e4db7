package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/code"
)

// Bounds are the limits on the arguments of one field. Zero means unlimited.
type Bounds struct {
	IDs   int // entries of `ids`
	Value int // bytes of a string
}

const (
	// maxItems is how many items a list argument may have. `ids` has its own limit, and the size of the response bounds
	// representations.
	maxItems = 100
	// manyStrings is how many times the longest string all strings of one argument may have together: they are written
	// into a URL for each owner of the list.
	manyStrings = 4
	// maxCursor is how many bytes the argument `after` may have: a cursor holds the link that it continues with.
	maxCursor = 16 << 10
)

// LimitError refuses an operation, or a field, before anything is sent upstream.
type LimitError struct {
	Code    string
	What    string // "The response has"; unused for ids and first, which have their own sentences
	Found   int
	Unit    string // "bytes"; may be empty
	Allowed int
}

// Error implements error.
func (e *LimitError) Error() string {
	switch e.Code {
	case code.LimitFirst:
		return fmt.Sprintf("`first` must be between 0 and %d (got %d).", e.Allowed, e.Found)
	case code.LimitIDs:
		return fmt.Sprintf("`ids` has %d entries; the maximum is %d. Split the request.", e.Found, e.Allowed)
	}
	return fmt.Sprintf("%s %s; the maximum is %d.", e.What, strings.TrimSpace(fmt.Sprint(e.Found, " ", e.Unit)), e.Allowed)
}

// check returns what is too long about the arguments of a field, nil if nothing is.
func (b Bounds) check(defs ast.ArgumentDefinitionList, values map[string]any) *LimitError {
	if ids, _ := values["ids"].([]any); b.IDs > 0 && len(ids) > b.IDs {
		return &LimitError{Code: code.LimitIDs, Found: len(ids), Allowed: b.IDs}
	}
	for _, def := range defs {
		longest := b.Value
		switch {
		case def.Type.Name() == "ID" || def.Type.Name() == "_Any": // an id that is too long is refused at its place
			continue
		case def.Name == "after":
			longest = maxCursor
		}
		if err := b.checkArgument(def.Name, values[def.Name], longest); err != nil {
			return err
		}
	}
	return nil
}

func (b Bounds) checkArgument(name string, value any, longest int) *LimitError {
	total := 0
	if err := checkValue(name, value, longest, &total); err != nil {
		return err
	}
	if b.Value > 0 && total > max(longest, manyStrings*b.Value) {
		return &LimitError{
			code.LimitValue, fmt.Sprintf("The strings in `%s` have", name), total, "bytes together", manyStrings * b.Value,
		}
	}
	return nil
}

// checkValue looks at a value and at all that is in it, and adds up the bytes of its strings.
func checkValue(name string, value any, longest int, total *int) *LimitError {
	switch value := value.(type) {
	case string:
		*total += len(value)
		if longest > 0 && len(value) > longest {
			return &LimitError{code.LimitValue, fmt.Sprintf("`%s` has", name), len(value), "bytes", longest}
		}
	case []any:
		if len(value) > maxItems {
			return &LimitError{code.LimitValue, fmt.Sprintf("`%s` has", name), len(value), "items", maxItems}
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
