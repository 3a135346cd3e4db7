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
	if where, ok := values["where"].(map[string]any); ok && o.refused == nil {
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

// searchOption renders a word, or "property:value". The error is for the caller.
func (f *Field) searchOption(value any) (string, error) {
	if members, structured := value.(map[string]any); structured {
		return searched(f.search, members).option()
	}
	word, err := searchTerm{argument: "search", value: value}.text()
	if err == nil && len(strings.Fields(word)) > 1 {
		err = &threatintel.InputError{
			Reason: fmt.Sprintf("`search` must be a single word (got %.80q). Filter by `where` as well.", word),
		}
	}
	return `"` + word + `"`, err
}

// searchTerm is what is searched for.
type searchTerm struct {
	argument string // the path of the member, such as "search.subject.commonName"
	property string // upstream, empty for any
	value    any
}

// searched returns the one term that an input with @oneOf names.
func searched(input string, members map[string]any) searchTerm {
	for _, f := range Schema.Types[input].Fields {
		given := members[f.Name]
		if given == nil {
			continue
		}
		property := f.Name
		if text, ok := catalog.wire[input+"."+f.Name]; ok {
			property = text
		}
		inner, nested := given.(map[string]any)
		if !nested {
			return searchTerm{"search." + f.Name, property, given}
		}
		below := searched(f.Type.Name(), inner)
		_, member, _ := strings.Cut(below.argument, ".")
		return searchTerm{"search." + f.Name + "." + member, property + "/" + below.property, below.value}
	}
	return searchTerm{argument: "search"}
}

// option quotes a term.
func (t searchTerm) option() (string, error) {
	text, err := t.text()
	return `"` + t.property + ":" + text + `"`, err
}

// text returns what is searched for, without what Microsoft Graph takes no part of a text: quotes would end the option
// early, and a colon separates the property.
func (t searchTerm) text() (string, error) {
	text, err := canonicalText(t.argument, t.property, t.value)
	if err != nil {
		return "", err
	}
	plain := strings.TrimSpace(strings.NewReplacer(`"`, "", `\`, "", ":", "").Replace(text))
	if plain == "" {
		err = &threatintel.InputError{
			Reason: fmt.Sprintf("`%s` must contain more than quotes, backslashes and colons (got %.80q).", t.argument, text),
		}
	}
	return plain, err
}
