package odata

import (
	"slices"
	"strings"
	"time"
)

// A filter is one comparison: a property with one or several values.
type filter struct {
	property string
	values   []value
}

func invalidFilter(reason string) *Error { return invalidQuery("Invalid filter clause: " + reason) }

// parseFilter reads "linkKind eq 'redirect'" and, where the endpoint accepts it, "linkKind in
// ('redirect','script.src')".
func (e *Endpoint) parseFilter(text string) (*filter, *Error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	operator, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if i := strings.IndexByte(operator, '('); i > 0 {
		operator, rest = operator[:i], operator[i:]+" "+rest
	}
	if !e.filters(name) {
		return nil, e.refuseProperty(name, "filter")
	}
	switch {
	case operator == "eq":
		return parseComparison(name, strings.TrimSpace(rest))
	case operator == "in" && e.in:
		return parseMembership(name, strings.TrimSpace(rest))
	case operator == "":
		return nil, invalidFilter("An operator is expected in '" + text + "'.")
	default:
		return nil, invalidFilter("Operator '" + operator + "' is not supported for property '" + name + "'.")
	}
}

func parseComparison(name, rest string) (*filter, *Error) {
	v, after, err := parseLiteral(name, rest)
	if err != nil {
		return nil, err
	}
	if after != "" {
		return nil, afterComparison(after)
	}
	return &filter{name, []value{v}}, nil
}

func parseMembership(name, rest string) (*filter, *Error) {
	inner, opened := strings.CutPrefix(rest, "(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !opened || !closed {
		return nil, invalidFilter("A list in parentheses is expected after 'in'.")
	}
	f := &filter{property: name}
	for {
		v, after, err := parseLiteral(name, strings.TrimSpace(inner))
		if err != nil {
			return nil, err
		}
		f.values = append(f.values, v)
		if after == "" {
			return f, nil
		}
		more, comma := strings.CutPrefix(after, ",")
		if !comma {
			return nil, afterComparison(after)
		}
		inner = more
	}
}

func afterComparison(rest string) *Error {
	return invalidFilter("Syntax error at '" + rest + "': one comparison is supported.")
}

// parseLiteral reads null and an instant or a string in quotes, depending on the property. It returns what follows.
func parseLiteral(name, text string) (value, string, *Error) {
	instant := strings.HasSuffix(name, "DateTime")
	if quoted, ok := strings.CutPrefix(text, "'"); ok && !instant {
		return parseQuoted(quoted)
	}
	end := strings.IndexAny(text, ", ")
	if end < 0 {
		end = len(text)
	}
	word, after := text[:end], strings.TrimSpace(text[end:])
	if word == "null" {
		return value{null: true}, after, nil
	}
	if instant {
		if at, err := time.Parse(time.RFC3339, word); err == nil {
			return value{text: word, time: at}, after, nil
		}
	}
	return value{}, "", invalidFilter("'" + word + "' is no value for property '" + name + "'.")
}

// parseQuoted reads a string up to its closing quote. A quote inside is doubled.
func parseQuoted(text string) (value, string, *Error) {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "'")
		if !found {
			return value{}, "", invalidFilter("There is an unterminated string literal.")
		}
		out.WriteString(before)
		if !strings.HasPrefix(after, "'") {
			return value{text: out.String()}, strings.TrimSpace(after), nil
		}
		out.WriteByte('\'')
		text = after[1:]
	}
}

// refuseProperty explains why a property cannot be used in $filter or $orderby.
func (e *Endpoint) refuseProperty(name, option string) *Error {
	first, _, nested := strings.Cut(name, "/")
	switch {
	case !e.Of.declared.has(first):
		return invalidQuery(noProperty(first, e.Of.declared.Name))
	case nested:
		return invalidQuery("The path '" + name + "' cannot be used in the $" + option + " query option.")
	default:
		return invalidQuery("The property '" + name + "' cannot be used in the $" + option + " query option.")
	}
}

func (f *filter) matches(s *Set, en *Entity) bool {
	v := en.valueAt(s, f.property)
	return slices.ContainsFunc(f.values, func(want value) bool {
		switch {
		case want.null || v.null:
			return want.null && v.null
		case !want.time.IsZero():
			return v.time.Equal(want.time)
		default:
			return v.text == want.text
		}
	})
}
