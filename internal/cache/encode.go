package cache

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"portico/msgraph"
)

// stored is the form in which replicas keep an entry for each other. The names of its members are short because there
// are many of them. The texts of members are kept as objects, so that decoding finds out whether they are valid.
type stored struct {
	Key        string           `json:"k"`
	Mark       string           `json:"m"`
	At         int64            `json:"t"`          // in milliseconds since 1970
	Head       jsontext.Value   `json:"h,omitzero"` // of an entity alone
	Properties []storedProperty `json:"p,omitzero"`
	Whole      jsontext.Value   `json:"w,omitzero"`
	Select     string           `json:"s,omitzero"` // of Whole
	Expand     string           `json:"e,omitzero"`
	Count      bool             `json:"c,omitzero"`
	Unselected bool             `json:"u,omitzero"`
	Keyless    bool             `json:"l,omitzero"`
	Absent     bool             `json:"a,omitzero"`
	Refusal    *storedRefusal   `json:"r,omitzero"`
}

type storedProperty struct {
	Name     string         `json:"n"`
	Expanded bool           `json:"e,omitzero"`
	Members  jsontext.Value `json:"v"`
	At       int64          `json:"t"`
}

type storedRefusal struct {
	Status  int    `json:"s"`
	Code    string `json:"c,omitzero"`
	Message string `json:"m,omitzero"`
}

// encode returns the form of an entry for other replicas.
func encode(key, mark string, e *entry) ([]byte, error) {
	s := stored{
		Key: key, Mark: mark, At: e.at.UnixMilli(), Whole: e.whole, Select: string(e.query.Select),
		Expand: string(e.query.Expand), Count: e.query.Page.Count, Unselected: e.query.Unselected,
		Keyless: e.query.Keyless, Absent: e.absent,
	}
	if e.isEntity() {
		s.Head = object(e.head)
	}
	for _, p := range e.properties {
		s.Properties = append(s.Properties, storedProperty{p.name, p.expanded, object(p.members), p.at.UnixMilli()})
	}
	if e.unknown != nil {
		s.Refusal = &storedRefusal{e.unknown.Status, e.unknown.Code, e.unknown.Message}
	}
	return json.Marshal(s)
}

// object returns an object with the text of some members.
func object(members []byte) jsontext.Value {
	return append(append([]byte{'{'}, members...), '}')
}

// decode returns the entry that another replica kept under a key with a mark. Nil: it is about another key, was
// dropped, or is nothing that encode returns.
func decode(text []byte, key, mark string, now time.Time) *entry {
	var s stored
	if text == nil || json.Unmarshal(text, &s) != nil || s.Key != key || s.Mark != mark {
		return nil
	}
	e := &entry{at: timeOf(s.At, now), absent: s.Absent, whole: s.Whole}
	switch {
	case s.Head != nil:
		return s.entity(e, now)
	case s.Refusal != nil && s.Absent:
		e.unknown = &msgraph.Error{
			Kind: msgraph.Refused, Status: s.Refusal.Status, Code: s.Refusal.Code, Message: s.Refusal.Message,
		}
		return e
	case s.Absent:
		e.whole = []byte("null")
		return e
	case s.Whole == nil:
		return nil
	}
	e.query = msgraph.Query{
		Select: msgraph.Names(s.Select), Expand: msgraph.Names(s.Expand), Unselected: s.Unselected, Keyless: s.Keyless,
		Page: msgraph.Page{Count: s.Count},
	}
	return e
}

func (s *stored) entity(e *entry, now time.Time) *entry {
	var ok bool
	if e.head, ok = membersIn(s.Head); !ok {
		return nil
	}
	e.whole = nil
	for _, p := range s.Properties {
		members, ok := membersIn(p.Members)
		if !ok {
			return nil
		}
		e.properties = append(e.properties, property{p.Name, p.Expanded, members, timeOf(p.At, now)})
	}
	return e
}

// membersIn returns the text of the members of an object; false for another value.
func membersIn(object jsontext.Value) ([]byte, bool) {
	if object.Kind() != '{' {
		return nil, false
	}
	return object[1 : len(object)-1], true
}

// timeOf returns a time by another replica's clock, which is not later than now.
func timeOf(milliseconds int64, now time.Time) time.Time {
	if at := time.UnixMilli(milliseconds); at.Before(now) {
		return at
	}
	return now
}
