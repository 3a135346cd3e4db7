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

// read returns the entry for a response to a query, or nil if it is not to be stored: it is large, or not valid JSON,
// or an entity without an id, which does not answer the query. What is stored is copied: a response may share its
// memory with the others of a batch.
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

// readEntity takes an entity apart. Nil: it does not have what shows that it is one.
func readEntity(all members, query msgraph.Query, at time.Time) *entry {
	e := &entry{at: at, head: all.head()}
	answered := false
	each(query, func(name string, expanded bool) {
		p := property{
			name: strings.Clone(name), expanded: expanded, members: all.property(memberOf(name)), at: at,
		}
		answered = answered || len(p.members) > 0
		e.properties = append(e.properties, p)
	})
	id := all.value("id")
	if query.Keyless && id != nil { // some services send it all the same
		e.properties = append(e.properties, property{name: "id", members: all.property("id"), at: at})
	}
	switch {
	case !query.Keyless && (id.Kind() != '"' || len(id) == len(`""`)):
		return nil
	case !answered && !all.isEntity():
		return nil
	}
	return e
}

// entityContext is what the context of a single entity ends in. It shows that a body is one in which the service has
// left out all that is null.
const entityContext = `"@odata.context":"/$entity"`

// head returns the members that say what an entity is. It is not nil. The context is without its address.
func (all members) head() []byte {
	head := []byte{}
	if all.isEntity() {
		head = append(head, entityContext...)
	}
	if named := all.value("@odata.type"); named != nil {
		head = member{"@odata.type", named}.appendTo(head)
	}
	return bytes.Clone(head)
}

// isEntity reports whether the context is that of a single entity.
func (all members) isEntity() bool {
	return bytes.HasSuffix(all.value("@odata.context"), []byte(`/$entity"`))
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
