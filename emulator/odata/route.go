package odata

import (
	"net/url"
	"strings"
)

// A Resource is what a path leads to.
type Resource struct {
	Endpoint *Endpoint
	Key      string // of the entity itself, or of the owner; empty: the list of a whole set
	Count    bool   // only the number of items: /$count

	// List and Owner are set for an entity that is reached through a list: vulnerabilities/{id}/components/{id}. It exists
	// only if the list of that owner holds it.
	List  *Endpoint
	Owner string
}

// Accepts returns the endpoint that says which query options the resource takes.
func (r Resource) Accepts() *Endpoint {
	if r.Count {
		return r.Endpoint.counter
	}
	return r.Endpoint
}

// Path returns the resource's URL relative to the version of the API, without /$count.
func (r Resource) Path() string { return r.Endpoint.Path(r.Key) }

// Route returns the resource of a path such as "/security/threatIntelligence/hosts/192.0.2.1/ports", relative to the
// version of the API. Segments match in any letter case, keys may be in parentheses, and the path may end with a slash,
// because clients use all of these.
func (m *Model) Route(path string) (Resource, bool) {
	path = strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	if len(path) < len(Root) || !strings.EqualFold(path[:len(Root)], Root) {
		return Resource{}, false
	}
	path = path[len(Root):]
	set, key, slashed := strings.Cut(path, "/")
	s := m.Set(set)
	if !slashed || s == nil || strings.IndexByte(key, '/') >= 0 || strings.EqualFold(key, "$count") {
		return m.RouteBelow(path)
	}
	key, ok := unescape(key) // the usual case: an entity by its key
	if !ok || key == "" || s.Hidden {
		return Resource{}, false
	}
	return Resource{Endpoint: s.byKey, Key: s.canonical(key)}, true
}

func unescape(segment string) (string, bool) {
	if strings.IndexByte(segment, '%') < 0 {
		return segment, true
	}
	plain, err := url.PathUnescape(segment)
	return plain, err == nil
}

// canonical returns a key as it is stored.
func (s *Set) canonical(key string) string {
	if s.Upper {
		return strings.ToUpper(key)
	}
	return key
}

// RouteBelow is [Model.Route] for a path relative to threat intelligence, such as "hosts/192.0.2.1/ports".
func (m *Model) RouteBelow(path string) (Resource, bool) {
	parts, ok := splitPath(path)
	if !ok {
		return Resource{}, false
	}
	last := len(parts) - 1
	count := last > 0 && strings.EqualFold(parts[last], "$count")
	if count {
		parts = parts[:last]
	}
	s := m.Set(parts[0])
	if s == nil || s.Hidden {
		return Resource{}, false
	}
	if len(parts) > 1 {
		parts[1] = s.canonical(parts[1])
	}
	found := m.resource(s, parts)
	found.Count = count
	if found.Endpoint == nil || found.Key == "" && len(parts) > 1 || count && found.Endpoint.Single {
		return Resource{}, false
	}
	return found, true
}

// resource returns the resource of a path with one to four parts.
func (m *Model) resource(s *Set, parts []string) Resource {
	switch len(parts) {
	case 1:
		return Resource{Endpoint: m.Endpoint("", s.Name)}
	case 2:
		return Resource{Endpoint: s.byKey, Key: parts[1]}
	case 3:
		return Resource{Endpoint: m.Endpoint(s.Name, parts[2]), Key: parts[1]}
	case 4:
		if list := m.Endpoint(s.Name, parts[2]); list != nil && list.Of.Hidden && !list.Single {
			return Resource{Endpoint: list.Of.byKey, Key: parts[3], List: list, Owner: parts[1]}
		}
		return Resource{Endpoint: m.Endpoint(s.Name, parts[2]+"/"+parts[3]), Key: parts[1]}
	default:
		return Resource{}
	}
}

// splitPath splits a path into names and keys. A key may be in parentheses or a segment of its own.
func splitPath(path string) ([]string, bool) {
	var parts []string
	for segment := range strings.SplitSeq(path, "/") {
		text, ok := unescape(segment)
		if !ok || text == "" {
			return nil, false
		}
		name, rest, found := strings.Cut(text, "('")
		key, closed := strings.CutSuffix(rest, "')")
		if !found || !closed || len(parts)%2 == 1 { // a key may contain anything
			parts = append(parts, text)
			continue
		}
		parts = append(parts, name, strings.ReplaceAll(key, "''", "'"))
	}
	return parts, len(parts) <= 5
}
