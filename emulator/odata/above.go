package odata

import "strings"

// A Document is the response for a path above the sets, which has no query options.
type Document struct {
	Context string // the end of @odata.context, after "$metadata"
	Members string // its other members, encoded, without braces
}

// above are the paths above the sets, in lower case. Clients that follow the metadata read them on their way down.
var above = map[string]Document{
	"":                            {"", `"value":[{"name":"security","kind":"Singleton","url":"security"}]`},
	"security":                    {"#security/$entity", ""},
	"security/threatintelligence": {"#security/threatIntelligence/$entity", `"id":"threatIntelligence"`},
}

// Above returns the response for a path above the sets: the service document, security or threatIntelligence.
// https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#sec_ServiceDocument
func Above(path string) (Document, bool) {
	d, ok := above[strings.ToLower(strings.Trim(path, "/"))]
	return d, ok
}

// Unknown returns the error for a path that [Model.Route] does not know. It names the first segment that leads nowhere.
func (m *Model) Unknown(path string) *Error {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	unknown := segments[len(segments)-1]
	for i, segment := range segments {
		if !m.leads(segments[:i+1]) {
			unknown = segment
			break
		}
	}
	if plain, ok := unescape(unknown); ok {
		unknown = plain
	}
	return BadRequest("Resource not found for the segment '" + unknown + "'.")
}

// leads reports whether a path, or one that begins with it, leads to a resource.
func (m *Model) leads(segments []string) bool {
	path := strings.Join(segments, "/")
	if _, ok := Above(path); ok {
		return true
	}
	if len(segments) == 3 {
		s := m.Set(segments[2])
		return s != nil && !s.Hidden
	}
	_, ok := m.Route(path)
	return ok
}
