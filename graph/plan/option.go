package plan

import (
	"fmt"
	"strings"

	"portico/threatintel"
)

// queryOptions are the system query options that the arguments of a list become. They depend on nothing else, and a
// field may be resolved for thousands of owners.
type queryOptions struct {
	filter, orderBy, search string
	empty                   bool // a condition allows no value: there is nothing to request
	refused                 error
}

// readOptions turns the arguments that are annotated into system query options.
func (f *Field) readOptions(values map[string]any) (all queryOptions) {
	for _, o := range f.options {
		value := values[o.argument]
		switch {
		case all.refused != nil:
		case value != nil:
			all.set(o, value)
		}
	}
	return all
}

func (all *queryOptions) set(o option, value any) {
	switch o.system {
	case "filter":
		all.empty = all.empty || isEmptyList(value)
		all.filter = o.filter(value)
	case "orderby":
		all.orderBy = catalog.wire[o.enum+"."+fmt.Sprint(value)]
	case "search":
		all.search, all.refused = o.search(value)
	}
}

// isEmptyList reports whether a condition allows no value at all.
func isEmptyList(value any) bool {
	list, isList := value.([]any)
	return isList && len(list) == 0
}

// filter renders "property eq 'value'" or "property in ('a','b')".
func (o option) filter(value any) string {
	list, many := value.([]any)
	if !many {
		list = []any{value}
	}
	quoted := make([]string, len(list))
	for i, item := range list {
		text := fmt.Sprint(item)
		if wired, ok := catalog.wire[o.enum+"."+text]; ok {
			text = wired
		}
		quoted[i] = "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	if len(quoted) == 1 {
		return o.property + " eq " + quoted[0]
	}
	return o.property + " in (" + strings.Join(quoted, ",") + ")"
}

// search renders a word, or "property:value".
func (o option) search(value any) (string, error) {
	members, structured := value.(map[string]any)
	if !structured {
		return searchFor("", fmt.Sprint(value))
	}
	property, text := searched(o.enum, members)
	text, err := threatintel.SearchValue(property, text)
	if err != nil {
		return "", err
	}
	return searchFor(property+":", text)
}

// searched returns the one property that an input with @oneOf names, as a path upstream, and its value.
func searched(input string, members map[string]any) (property, value string) {
	for _, f := range Schema.Types[input].Fields {
		given := members[f.Name]
		if given == nil {
			continue
		}
		property = f.Name
		if text, ok := catalog.wire[input+"."+f.Name]; ok {
			property = text
		}
		if inner, nested := given.(map[string]any); nested {
			var below string
			below, value = searched(f.Type.Name(), inner)
			return property + "/" + below, value
		}
		return property, fmt.Sprint(given)
	}
	return "", ""
}

// searchFor quotes what is searched for. Quotes would end the option early, and Microsoft Graph takes no colon.
func searchFor(property, text string) (string, error) {
	if property == "" && len(strings.Fields(text)) > 1 {
		return "", &threatintel.InputError{Reason: "`search` must be a single word."}
	}
	text = strings.TrimSpace(strings.NewReplacer(`"`, "", `\`, "", ":", "").Replace(text))
	if text == "" {
		return "", &threatintel.InputError{Reason: "`search` must not be empty."}
	}
	return `"` + property + text + `"`, nil
}
