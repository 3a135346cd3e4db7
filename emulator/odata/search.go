package odata

import (
	"strings"
	"unicode"
)

// A search is either one word, or a property and its value.
type search struct {
	word     string // in lower case
	property string
	value    string // in lower case
}

func invalidSearch(reason string) *Error {
	return BadRequest("Invalid value for $search query option found. " + reason)
}

// parseSearch reads "property:value" in double quotes, or one word with or without quotes, as the endpoint accepts.
func (e *Endpoint) parseSearch(text string) (*search, *Error) {
	inner, quoted := strings.CutPrefix(text, `"`)
	if quoted {
		var closed bool
		if inner, closed = strings.CutSuffix(inner, `"`); !closed {
			return nil, invalidSearch("There is an unterminated string literal.")
		}
	}
	if strings.Contains(inner, `"`) {
		return nil, invalidSearch("One term is supported.")
	}
	if e.fields == nil {
		return parseWord(inner)
	}
	if !quoted {
		return nil, invalidSearch("The term must be in double quotes.")
	}
	return e.fields.parse(inner)
}

func parseWord(text string) (*search, *Error) {
	word := strings.TrimSpace(text)
	if word == "" || strings.ContainsFunc(word, unicode.IsSpace) {
		return nil, invalidSearch("A single term is supported.")
	}
	return &search{word: strings.ToLower(word)}, nil
}

func (f SearchFields) parse(text string) (*search, *Error) {
	name, value, found := strings.Cut(text, ":")
	switch {
	case !found || value == "":
		return nil, invalidSearch("A term of the form 'property:value' is expected.")
	case !f[name]:
		return nil, invalidSearch("The property '" + name + "' cannot be searched.")
	case strings.Contains(value, ":"):
		return nil, invalidSearch("The value must not contain colons.")
	}
	return &search{property: name, value: strings.ToLower(value)}, nil
}

// An Index finds the entities of one set that have a value. It does not change once it is made.
type Index struct {
	byValue map[string][]*Entity // by property, a zero byte and the value in lower case
}

// NewIndex returns an index of the entities by the given properties. Results keep the order of the entities.
func NewIndex(entities []*Entity, fields SearchFields) *Index {
	x := &Index{map[string][]*Entity{}}
	for _, en := range entities {
		for key := range searchKeys(en, fields) {
			x.byValue[key] = append(x.byValue[key], en)
		}
	}
	return x
}

// searchKeys returns the keys under which an entity is found.
func searchKeys(en *Entity, fields SearchFields) map[string]bool {
	keys := map[string]bool{}
	eachText([]byte(en.JSON()), "", func(path, text string) {
		if !fields[path] {
			return
		}
		// The value in a search has no colons, so a fingerprint is found without them.
		keys[path+"\x00"+strings.ToLower(strings.ReplaceAll(text, ":", ""))] = true
		if other, ok := strings.CutSuffix(path, "alternateNames"); ok {
			keys[other+"alternateName\x00"+strings.ToLower(text)] = true
		} else if other, ok := strings.CutSuffix(path, "alternateName"); ok {
			keys[other+"alternateNames\x00"+strings.ToLower(text)] = true
		}
	})
	return keys
}

func (x *Index) find(s *search) []*Entity { return x.byValue[s.property+"\x00"+s.value] }
