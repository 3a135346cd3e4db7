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
		case o.required:
			all.refused = &threatintel.InputError{
				Reason: fmt.Sprintf("`%s` requires `%s`: Microsoft Graph cannot list all %[1]s.", f.Name, o.argument),
			}
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
	input, structured := value.(map[string]any)
	if !structured {
		return searchFor("", fmt.Sprint(value))
	}
	property := catalog.wire[o.enum+"."+fmt.Sprint(input["field"])]
	text, err := threatintel.SearchValue(property, fmt.Sprint(input["value"]))
	if err != nil {
		return "", err
	}
	return searchFor(property+":", text)
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
