package emulator

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// A search is either one word, or a property and its value.
type search struct {
	word     string // in lower case
	property string
	value    string // in lower case
}

// searchFields are the properties that $search takes, paths into complex values included; nil: it takes one word.
type searchFields map[string]bool

var certificateFields = pathsOf([]string{"fingerprint", "sha1", "serialNumber"}, []string{"subject", "issuer"}, []string{
	"commonName", "email", "givenName", "surname", "serialNumber", "organizationName", "organizationUnitName",
	"alternateNames", "alternateName", "address/city", "address/countryOrRegion", "address/postalCode",
	"address/state", "address/street",
})

var whoisFields = pathsOf([]string{"nameservers/host/id"},
	[]string{"abuse", "admin", "billing", "noc", "registrant", "registrar", "technical", "zone"}, []string{
		"email", "fax", "name", "organization", "telephone", "address/city", "address/countryOrRegion",
		"address/postalCode", "address/state", "address/street",
	})

func pathsOf(plain, outer, inner []string) searchFields {
	fields := searchFields{}
	for _, name := range plain {
		fields[name] = true
	}
	for _, o := range outer {
		for _, i := range inner {
			fields[o+"/"+i] = true
		}
	}
	return fields
}

func searchInvalid(reason string) *graphError {
	return badRequest("Invalid value for $search query option found. " + reason)
}

// parseSearch reads "property:value" in double quotes, or one word, in quotes or not.
func (r *row) parseSearch(text string) (*search, *graphError) {
	inner, quoted := strings.CutPrefix(text, `"`)
	if quoted {
		var closed bool
		if inner, closed = strings.CutSuffix(inner, `"`); !closed {
			return nil, searchInvalid("There is an unterminated string literal.")
		}
	}
	if strings.Contains(inner, `"`) {
		return nil, searchInvalid("One term is supported.")
	}
	if r.fields == nil {
		return parseWord(inner)
	}
	if !quoted {
		return nil, searchInvalid("The term must be in double quotes.")
	}
	return r.fields.parse(inner)
}

func parseWord(text string) (*search, *graphError) {
	word := strings.TrimSpace(text)
	if word == "" || strings.ContainsFunc(word, unicode.IsSpace) {
		return nil, searchInvalid("A single term is supported.")
	}
	return &search{word: strings.ToLower(word)}, nil
}

func (f searchFields) parse(text string) (*search, *graphError) {
	name, value, found := strings.Cut(text, ":")
	switch {
	case !found || value == "":
		return nil, searchInvalid("A term of the form 'property:value' is expected.")
	case !f[name]:
		return nil, searchInvalid("The property '" + name + "' cannot be searched.")
	case strings.Contains(value, ":"):
		return nil, searchInvalid("The value must not contain colons.")
	}
	return &search{property: name, value: strings.ToLower(value)}, nil
}

// A searchIndex leads from values to the entities of one set that have them. It is made at the first search.
type searchIndex struct {
	mu      sync.Mutex
	byValue map[string][]*entity // by property, a zero byte and the value in lower case; nil: to be made
}

func (x *searchIndex) drop() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.byValue = nil
}

// find returns the entities that have the value, in the order of their ids.
func (x *searchIndex) find(s *search, c *collection, fields searchFields) []*entity {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.byValue == nil {
		x.byValue = map[string][]*entity{}
		for _, en := range c.all() {
			x.add(en, fields)
		}
	}
	return slices.Clone(x.byValue[s.property+"\x00"+s.value])
}

func (x *searchIndex) add(en *entity, fields searchFields) {
	values := map[string]bool{}
	eachText([]byte("{"+string(en.raw)+"}"), "", func(path, text string) {
		if !fields[path] {
			return
		}
		// Colons are taken out of what is sought, so they cannot be in what is found.
		values[path+"\x00"+strings.ToLower(strings.ReplaceAll(text, ":", ""))] = true
		if spelt, ok := strings.CutSuffix(path, "alternateNames"); ok {
			values[spelt+"alternateName\x00"+strings.ToLower(text)] = true
		} else if spelt, ok := strings.CutSuffix(path, "alternateName"); ok {
			values[spelt+"alternateNames\x00"+strings.ToLower(text)] = true
		}
	})
	for key := range values {
		x.byValue[key] = append(x.byValue[key], en)
	}
}

// eachText calls do for each text in a JSON value. Elements of arrays have the path of their array.
func eachText(value jsontext.Value, path string, do func(path, text string)) {
	switch value.Kind() {
	case '"':
		if text, err := jsontext.AppendUnquote(nil, value); err == nil {
			do(path, string(text))
		}
	case '{':
		_ = eachMember(value, func(name string, v jsontext.Value) error { // it was read before
			if path != "" {
				name = path + "/" + name
			}
			eachText(v, name, do)
			return nil
		})
	case '[':
		for _, v := range elements(value) {
			eachText(v, path, do)
		}
	}
}

// all returns the entities that are kept, in the order of their ids.
func (c *collection) all() []*entity {
	c.mu.RLock()
	defer c.mu.RUnlock()
	entities := make([]*entity, 0, len(c.byKey))
	for _, key := range slices.Sorted(maps.Keys(c.byKey)) {
		if en := c.byKey[key]; en != nil {
			entities = append(entities, en)
		}
	}
	return entities
}

// holds reports whether a text of the entity has the word, whatever its letter case.
func (en *entity) holds(word string) bool {
	found := false
	eachText([]byte("{"+string(en.raw)+"}"), "", func(_, text string) {
		for part := range strings.FieldsFuncSeq(strings.ToLower(text), outsideWord) {
			found = found || strings.Trim(part, "-_.") == word
		}
	})
	return found
}

func outsideWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r)
}
