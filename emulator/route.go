package emulator

import (
	"net/url"
	"strings"
)

const root = "security/threatIntelligence/"

// A resource is what a path leads to.
type resource struct {
	row   *row
	key   string // of the entity itself, or of the one that the row hangs on
	count bool   // whether the number of items is asked alone
}

// route finds what a path leads to. Segments match in any letter case, and keys may stand in parentheses, as both occur
// in the field.
func (e *Emulator) route(path string) (resource, bool) {
	path = strings.TrimPrefix(path, "/")
	if !hasPrefixFold(path, root) {
		return resource{}, false
	}
	path = path[len(root):]
	set, key, slashed := strings.Cut(path, "/")
	p := e.endpoint(set)
	if !slashed || p == nil || strings.IndexByte(key, '/') >= 0 {
		return e.routeSegments(path)
	}
	key, ok := unescape(key)
	if !ok || key == "" || p.hidden {
		return resource{}, false
	}
	if p.upper {
		key = strings.ToUpper(key)
	}
	if key == "$count" && e.find(p, key) == nil {
		r := e.rootRow(p.set)
		return resource{row: r, count: true}, r != nil
	}
	return resource{row: &p.byKey, key: key}, true
}

func unescape(segment string) (string, bool) {
	if strings.IndexByte(segment, '%') < 0 {
		return segment, true
	}
	plain, err := url.PathUnescape(segment)
	return plain, err == nil
}

// routeSegments routes every other path: with a key in parentheses, with more than two segments, or with one.
func (e *Emulator) routeSegments(path string) (resource, bool) {
	parts, ok := splitPath(path)
	if !ok {
		return resource{}, false
	}
	last := len(parts) - 1
	count := last > 0 && strings.EqualFold(parts[last], "$count")
	if count {
		parts = parts[:last]
	}
	p := e.endpoint(parts[0])
	if p == nil || p.hidden {
		return resource{}, false
	}
	if p.upper && len(parts) > 1 {
		parts[1] = strings.ToUpper(parts[1])
	}
	var found resource
	switch len(parts) {
	case 1:
		found.row = e.rootRow(p.set)
	case 2:
		found = resource{row: &p.byKey, key: parts[1]}
	case 3:
		found = resource{row: e.row(p.set, parts[2]), key: parts[1]}
	case 4:
		found = e.routeFour(p, parts)
	}
	found.count = count
	if found.row == nil || found.key == "" && len(parts) > 1 || count && found.row.entity {
		return resource{}, false
	}
	return found, true
}

// routeFour routes hosts/{id}/whois/history and vulnerabilities/{id}/components/{id}.
func (e *Emulator) routeFour(p *endpoint, parts []string) resource {
	if p.set == "vulnerabilities" && strings.EqualFold(parts[2], "components") {
		r := e.row(p.set, parts[2])
		if !e.belongs(r, parts[1], parts[3]) {
			return resource{row: &r.of.byKey, key: "\x00"} // a key that nothing has
		}
		return resource{row: &r.of.byKey, key: parts[3]}
	}
	return resource{row: e.row(p.set, parts[2]+"/"+parts[3]), key: parts[1]}
}

// splitPath splits a path into names and keys, wherever the keys stand.
func splitPath(path string) ([]string, bool) {
	var parts []string
	for segment := range strings.SplitSeq(path, "/") {
		text, ok := unescape(segment)
		if !ok || text == "" {
			return nil, false
		}
		name, rest, found := strings.Cut(text, "('")
		key, closed := strings.CutSuffix(rest, "')")
		if !found || !closed || len(parts)%2 == 1 { // where a key stands it may hold anything
			parts = append(parts, text)
			continue
		}
		parts = append(parts, name, strings.ReplaceAll(key, "''", "'"))
	}
	return parts, len(parts) <= 5
}

// row finds a row below the entities of a set, or nil.
func (e *Emulator) row(set, name string) *row {
	for _, r := range e.below[set] {
		if strings.EqualFold(r.name, name) {
			return r
		}
	}
	return nil
}

// rootRow finds the list of a whole set, or nil.
func (e *Emulator) rootRow(set string) *row { return e.row("", set) }

// path writes where a list or an entity is, relative to the version root.
func (r *row) path(key string) string {
	switch {
	case r.owner != "":
		return "/" + root + r.owner + "/" + url.PathEscape(key) + "/" + r.name
	case r.entity:
		return "/" + root + r.of.set + "/" + url.PathEscape(key)
	default:
		return "/" + root + r.name
	}
}
