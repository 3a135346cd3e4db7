package cache

import (
	"bytes"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"portico/msgraph"
)

// maxBody is the size of the largest response that is stored.
const maxBody = 1 << 20

// read returns the entry for a response to a query, or nil if it is not to be stored: it is large, or not JSON to the
// letter, or an entity without an id, which is no answer. What is stored is copied: a response may share its memory
// with the others of a batch.
func read(body []byte, r request, query msgraph.Query, at time.Time) *entry {
	if len(body) > maxBody || !jsontext.Value(body).IsValid() {
		return nil
	}
	members, ok := membersOf(body)
	value := members.value("value")
	switch {
	case isNull(body), ok && value.Kind() == 'n' && members.wraps():
		return &entry{at: at, absent: true, whole: []byte("null")}
	case !ok:
		return nil
	case r.fixed != "" || value.Kind() == '[':
		return &entry{at: at, whole: bytes.Clone(body), query: query}
	case value.Kind() == '{' && members.wraps():
		members, _ = membersOf(value)
	}
	return readEntity(members, query, at)
}

func isNull(body []byte) bool { return jsontext.Value(body).Kind() == 'n' }

// readEntity takes an entity apart. Nil: it has no id.
func readEntity(all members, query msgraph.Query, at time.Time) *entry {
	id := all.value("id")
	if id.Kind() != '"' || len(id) == len(`""`) {
		return nil
	}
	e := &entry{at: at, id: bytes.Clone(id), head: all.join("id", "@odata.type")}
	each(query, func(name string, expanded bool) {
		e.properties = append(e.properties, property{
			name: strings.Clone(name), expanded: expanded, members: all.property(memberOf(name)), at: at,
		})
	})
	return e
}

// members are those of a JSON object. They share its memory.
type members []member

type member struct {
	name  string
	value jsontext.Value
}

// membersOf returns the members of a valid object, false for another value.
func membersOf(body []byte) (all members, ok bool) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(body))
	if dec.PeekKind() != '{' {
		return nil, false
	}
	_, _ = dec.ReadToken() // the text is valid
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, false
		}
		one := member{name: name.String()}
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, false
		}
		end := dec.InputOffset()
		one.value = body[end-int64(len(raw)) : end]
		all = append(all, one)
	}
	return all, true
}

// value returns the value of a member, nil if there is none.
func (all members) value(name string) jsontext.Value {
	for _, m := range all {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// wraps reports whether the object is only a wrapper: it has annotations beside its value, and nothing else.
func (all members) wraps() bool {
	for _, m := range all {
		if m.name != "value" && !strings.HasPrefix(m.name, "@") {
			return false
		}
	}
	return true
}

// join returns the text of the members with the names.
func (all members) join(names ...string) (text []byte) {
	for _, m := range all {
		for _, name := range names {
			if m.name == name {
				text = m.appendTo(text)
			}
		}
	}
	return bytes.Clone(text)
}

// property returns the text of a property and its annotations.
func (all members) property(name string) (text []byte) {
	for _, m := range all {
		if property, _, _ := strings.Cut(m.name, "@"); property == name {
			text = m.appendTo(text)
		}
	}
	return bytes.Clone(text)
}

func (m member) appendTo(text []byte) []byte {
	if len(text) > 0 {
		text = append(text, ',')
	}
	text, _ = jsontext.AppendQuote(text, m.name) // it was valid
	text = append(text, ':')
	return append(text, m.value...)
}
