package plan

import (
	"fmt"
	"strings"

	"portico/msgraph"
	"portico/threatintel"
)

// listOptions are what the arguments of a list become. They depend on nothing else, and a field may be resolved for
// thousands of owners.
type listOptions struct {
	page       msgraph.Page  // the system query options $filter, $orderby and $search
	portico    *Filter       // what Portico filters and sorts by; nil if Microsoft Graph does it all
	reads      msgraph.Names // the properties that Portico reads for that
	conditions string        // the conditions as JSON, which no other conditions have
	empty      bool          // a condition allows no value: there is nothing to request
	refused    error
}

// readOptions reads the arguments `search`, `where` and `orderBy`.
func (f *Field) readOptions(values map[string]any) (o listOptions) {
	if value := values["search"]; value != nil {
		o.page.Search, o.refused = f.searchOption(value)
	}
	if where, ok := values["where"].(map[string]any); ok {
		o.readWhere(f, where)
	}
	if member := values["orderBy"]; member != nil {
		o.readOrder(f, member)
	}
	return o
}

// wireText is the text of a value upstream: of a member of an enumeration as its schema says, of a text the text
// itself.
func wireText(enum string, value any) string {
	text := fmt.Sprint(value)
	if wired, ok := catalog.wire[enum+"."+text]; ok {
		return wired
	}
	return text
}

// searchOption renders a word, or "property:value".
func (f *Field) searchOption(value any) (string, error) {
	members, structured := value.(map[string]any)
	if !structured {
		return searchFor("", fmt.Sprint(value))
	}
	property, text := searched(f.search, members)
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
