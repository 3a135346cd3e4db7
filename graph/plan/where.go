package plan

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/msgraph"
	"portico/threatintel"
)

// Filter is what Portico filters and sorts a list by, since Microsoft Graph cannot.
type Filter struct {
	// Where are the conditions, all of which must hold.
	Where []Condition
	// OrderBy is the order, zero for that of Microsoft Graph.
	OrderBy Order
}

// Condition is one condition of the argument `where`, with its value.
type Condition struct {
	// Holds is its kind: a member of ConditionKind.
	Holds string
	// On are the properties that it reads, each as a path of names: one, or the first and the last time.
	On [][]string
	// Values are what it compares with: texts, members of enumerations by their names, int64, or one bool.
	Values []any
	// Time is what it compares times with.
	Time threatintel.Range
}

// Order is an order by a date.
type Order struct {
	Property   string
	Descending bool
}

// condition is a member of an input for `where`, from @condition.
type condition struct {
	name, holds string
	on          []string // paths with slashes, as Microsoft Graph writes them
	typed       string   // the name of the type of its value, without list
}

// conditionsOf returns the conditions of an input type, in the order of the schema.
func conditionsOf(def *ast.Definition) (all []condition) {
	for _, f := range def.Fields {
		d := f.Directives.ForName("condition")
		if d == nil {
			return nil
		}
		args := d.ArgumentMap(nil)
		holds, _ := args["holds"].(string)
		all = append(all, condition{name: f.Name, holds: holds, on: texts(args["on"]), typed: f.Type.Name()})
	}
	return all
}

// readWhere decides, for each condition, who filters: Microsoft Graph by one of them, if the endpoint takes it; else
// Portico.
func (o *listOptions) readWhere(f *Field, where map[string]any) {
	given := map[string]any{} // without nulls, which set no condition
	for _, c := range catalog.conditions[f.where] {
		value := where[c.name]
		if value == nil {
			continue
		}
		if value, o.refused = c.canonical(value); o.refused != nil {
			return
		}
		given[c.name] = value
		values, many := value.([]any)
		switch {
		case many && len(values) == 0:
			o.empty = true
		case o.page.Filter == "" && c.isSent(f, values):
			o.page.Filter = c.option(values)
		default:
			o.refused = o.add(c, value)
		}
		if o.refused != nil {
			return
		}
	}
	if len(given) > 0 {
		text, _ := json.Marshal(given) // its members are sorted
		o.conditions = string(text)
	}
}

// canonical returns the value of a condition with texts in their canonical form. The error is for the caller.
func (c condition) canonical(value any) (any, error) {
	if c.typed != "String" {
		return value, nil
	}
	given, many := value.([]any)
	if !many {
		return canonicalText("where."+c.name, c.on[0], value)
	}
	texts := make([]any, len(given))
	for i, one := range given {
		text, err := canonicalText("where."+c.name, c.on[0], one)
		if err != nil {
			return nil, err
		}
		texts[i] = text
	}
	return texts, nil
}

// canonicalText returns a text that an argument compares with a property, in its canonical form. The error is for the
// caller.
func canonicalText(argument, property string, value any) (string, error) {
	given, _ := value.(string)
	text, err := threatintel.CanonicalText(property, given)
	refused, ok := errors.AsType[*threatintel.InputError](err)
	if !ok {
		return text, err
	}
	reason := "`" + argument + "` " + refused.Reason + "."
	if errors.Is(err, threatintel.ErrEmptyText) && !strings.HasPrefix(argument, "search.") {
		reason += " Leave it out if any value will do."
	}
	return "", &threatintel.InputError{Reason: reason}
}

// isSent reports whether Microsoft Graph filters by a condition with these values.
func (c condition) isSent(f *Field, values []any) bool {
	return f.takes["FILTER"] && len(c.on) == 1 && f.filters.Has(c.on[0]) && (len(values) == 1 || f.takes["IN"])
}

// option renders "property eq 'value'" or "property in ('a','b')".
func (c condition) option(values []any) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = "'" + strings.ReplaceAll(wireText(c.typed, value), "'", "''") + "'"
	}
	if len(quoted) == 1 {
		return c.on[0] + " eq " + quoted[0]
	}
	return c.on[0] + " in (" + strings.Join(quoted, ",") + ")"
}

// add adds a condition to those of Portico, and selects the properties that it reads.
func (o *listOptions) add(c condition, value any) error {
	added := Condition{Holds: c.holds}
	for _, path := range c.on {
		added.On = append(added.On, strings.Split(path, "/"))
	}
	var err error
	switch value := value.(type) {
	case []any:
		added.Values = value
	case map[string]any:
		added.Time, err = readRange(c.name, value)
	case string:
		added.Values = []any{value}
		if c.holds == "SINCE" {
			added.Time = threatintel.Since(value)
		}
	default:
		added.Values = []any{value}
	}
	o.filter().Where = append(o.filter().Where, added)
	o.read(c.on...)
	return err
}

func (o *listOptions) filter() *Filter {
	if o.portico == nil {
		o.portico = &Filter{}
	}
	return o.portico
}

// read selects the properties at the start of paths.
func (o *listOptions) read(paths ...string) {
	for _, path := range paths {
		property, _, _ := strings.Cut(path, "/")
		o.reads = o.reads.Union(msgraph.NamesOf(property))
	}
}

func readRange(name string, value map[string]any) (threatintel.Range, error) {
	from, _ := value["from"].(string)
	to, _ := value["to"].(string)
	r, err := threatintel.Between(from, to)
	if err != nil {
		err = &threatintel.InputError{Reason: "`" + name + ".from` " + err.Error() + "."}
	}
	return r, err
}

// readOrder decides who sorts: Microsoft Graph, if the endpoint takes the property, else Portico.
func (o *listOptions) readOrder(f *Field, member any) {
	text := wireText(f.orderBy, member)
	property, direction, _ := strings.Cut(text, " ")
	if f.takes["ORDERBY"] && f.sorts.Has(property) {
		o.page.OrderBy = text
		return
	}
	o.filter().OrderBy = Order{Property: property, Descending: direction == "desc"}
	o.read(property)
}
