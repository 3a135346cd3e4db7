package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// A filter is one comparison: a property with one of some values.
type filter struct {
	property string
	values   []literal
}

// A literal is a value in a filter.
type literal struct {
	text string
	time time.Time // set where it is an instant
	null bool
}

// A sortKey is one property to sort by.
type sortKey struct {
	property   string
	descending bool
}

func filterInvalid(reason string) *graphError {
	return queryInvalid("Invalid filter clause: " + reason)
}

// parseFilter reads "linkKind eq 'redirect'" and, where the row takes it, "linkKind in ('redirect','script.src')".
func (r *row) parseFilter(text string) (*filter, *graphError) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	operator, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if i := strings.IndexByte(operator, '('); i > 0 {
		operator, rest = operator[:i], operator[i:]+" "+rest
	}
	if !r.filters(name) {
		return nil, r.refuseProperty(name, "filter")
	}
	switch {
	case operator == "eq":
		return r.parseComparison(name, strings.TrimSpace(rest), false)
	case operator == "in" && r.in:
		return r.parseComparison(name, strings.TrimSpace(rest), true)
	case operator == "":
		return nil, filterInvalid("An operator is expected in '" + text + "'.")
	default:
		return nil, filterInvalid("Operator '" + operator + "' is not supported for property '" + name + "'.")
	}
}

func (r *row) parseComparison(name, rest string, list bool) (*filter, *graphError) {
	f := &filter{property: name}
	if list {
		inner, opened := strings.CutPrefix(rest, "(")
		inner, closed := strings.CutSuffix(inner, ")")
		if !opened || !closed {
			return nil, filterInvalid("A list in parentheses is expected after 'in'.")
		}
		rest = inner
	}
	for {
		l, after, err := r.parseLiteral(name, strings.TrimSpace(rest))
		if err != nil {
			return nil, err
		}
		f.values = append(f.values, l)
		after = strings.TrimSpace(after)
		if after == "" {
			return f, nil
		}
		more, comma := strings.CutPrefix(after, ",")
		if !comma || !list {
			return nil, filterInvalid("Syntax error at '" + after + "': one comparison is supported.")
		}
		rest = more
	}
}

// parseLiteral reads a text in quotes, null, or an instant, whichever the property is. It returns what follows.
func (r *row) parseLiteral(name, text string) (literal, string, *graphError) {
	instant := strings.HasSuffix(name, "DateTime")
	if quoted, ok := strings.CutPrefix(text, "'"); ok && !instant {
		return parseQuoted(quoted)
	}
	end := strings.IndexAny(text, ", ")
	if end < 0 {
		end = len(text)
	}
	word, after := text[:end], text[end:]
	if word == "null" {
		return literal{null: true}, after, nil
	}
	if instant {
		if at, err := time.Parse(time.RFC3339, word); err == nil {
			return literal{text: word, time: at}, after, nil
		}
	}
	return literal{}, "", filterInvalid("'" + word + "' is no value for property '" + name + "'.")
}

// parseQuoted reads a text up to its closing quote; a quote within is doubled.
func parseQuoted(text string) (literal, string, *graphError) {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "'")
		if !found {
			return literal{}, "", filterInvalid("There is an unterminated string literal.")
		}
		out.WriteString(before)
		if !strings.HasPrefix(after, "'") {
			return literal{text: out.String()}, after, nil
		}
		out.WriteByte('\'')
		text = after[1:]
	}
}

// refuseProperty says why a property cannot be filtered or sorted by.
func (r *row) refuseProperty(name, what string) *graphError {
	first, _, nested := strings.Cut(name, "/")
	if r.of.declared.own(first) == nil {
		return queryInvalid(noProperty(first, r.of.declared.name))
	}
	if nested {
		return queryInvalid("The path '" + name + "' cannot be used in the $" + what + " query option.")
	}
	return queryInvalid("The property '" + name + "' cannot be used in the $" + what + " query option.")
}

// parseOrderBy reads "firstSeenDateTime desc".
func (r *row) parseOrderBy(text string) ([]sortKey, *graphError) {
	var orders []sortKey
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		switch {
		case len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != "asc" && words[1] != "desc":
			return nil, queryInvalid("Syntax error in the orderby clause '" + text + "'.")
		case !r.sorts(words[0]):
			return nil, r.refuseProperty(words[0], "orderby")
		}
		orders = append(orders, sortKey{words[0], len(words) == 2 && words[1] == "desc"})
	}
	return orders, nil
}

// A value is what an entity has for a property, read for comparing.
type value struct {
	text string
	time time.Time
	null bool
}

// value reads a property of text or time, or the id of a reference.
func (en *entity) value(p *endpoint, path string) value {
	name, _, nested := strings.Cut(path, "/")
	bit, ok := p.kinds[en.kind].bits[name]
	if !ok {
		return value{null: true}
	}
	for i := range en.members {
		m := &en.members[i]
		if m.bit != int8(bit) {
			continue
		}
		if nested {
			return value{text: m.ref, null: m.ref == ""}
		}
		return readValue(jsontext.Value(en.raw[m.from:m.to][len(name)+len(`"":`):]))
	}
	return value{null: true}
}

func readValue(raw jsontext.Value) value {
	if raw.Kind() != '"' {
		return value{text: string(raw), null: raw.Kind() == 'n'}
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return value{null: true}
	}
	v := value{text: string(text)}
	v.time, _ = time.Parse(time.RFC3339, v.text) // no time: compared as text
	return v
}

func (f *filter) matches(p *endpoint, en *entity) bool {
	v := en.value(p, f.property)
	return slices.ContainsFunc(f.values, func(l literal) bool {
		switch {
		case l.null || v.null:
			return l.null && v.null
		case !l.time.IsZero():
			return v.time.Equal(l.time)
		default:
			return v.text == l.text
		}
	})
}

// compare puts null first, times in their order, and texts in theirs.
func (v value) compare(w value) int {
	switch {
	case v.null || w.null:
		return boolOrder(w.null) - boolOrder(v.null)
	case !v.time.IsZero() && !w.time.IsZero():
		return v.time.Compare(w.time)
	default:
		return strings.Compare(v.text, w.text)
	}
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sortItems sorts by the orders given; equal ones stay as they are.
func sortItems(p *endpoint, items []*entity, orders []sortKey) {
	type keyed struct {
		en   *entity
		keys []value
	}
	all := make([]keyed, len(items))
	for i, en := range items {
		all[i].en = en
		for _, o := range orders {
			all[i].keys = append(all[i].keys, en.value(p, o.property))
		}
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		for i, o := range orders {
			if c := a.keys[i].compare(b.keys[i]); c != 0 {
				if o.descending {
					return -c
				}
				return c
			}
		}
		return 0
	})
	for i := range all {
		items[i] = all[i].en
	}
}
