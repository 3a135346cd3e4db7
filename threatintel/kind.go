package threatintel

import (
	"cmp"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
)

// A kind is what cannot be derived from the names of an entity type and its requests.
type kind struct {
	named string // the GraphQL type

	// ids are the forms of its ids in the published examples. They are hints: only the response tells the type. A wide
	// form also matches ids of other types, so the others are tried first.
	ids  []form
	wide bool

	// artifact makes the artifact that a reference leads to; nil for a type that is not an artifact.
	artifact func(r *Reference) Artifact
}

// A form reports whether a text has the form of an id: of the id as it is, or of the text that it decodes to.
type form func(text string, decoded bool) bool

var (
	kinds     []kind
	artifacts = map[string]kind{} // by the name in lower case; without hosts, because their ids decide
)

// register registers an entity type. The file of the type calls it, so that everything about the type is in one file.
func register(k kind) {
	kinds = append(kinds, k)
	if k.artifact != nil {
		artifacts[strings.ToLower(k.named)] = k
	}
}

// ArtifactType returns the GraphQL type of the target of a reference to an artifact. It is the "@odata.type", in any
// letter case and with or without the namespace. If that is missing, unknown or contradicted by the id, the id decides.
func ArtifactType(r Reference) string {
	name := strings.ToLower(r.Type[strings.LastIndexByte(r.Type, '.')+1:])
	switch known := artifacts[strings.TrimPrefix(name, "#")]; {
	case known.named != "":
		return known.named
	case IsAddress(r.ID):
		return "IpAddress"
	case isHostname(r.ID):
		return "Hostname"
	}
	return "UnclassifiedArtifact"
}

// ArtifactOf returns the artifact that a reference leads to, with what the reference contains; nil for no reference.
func ArtifactOf(r *Reference) Artifact {
	if r == nil {
		return nil
	}
	named := ArtifactType(*r)
	if named == "IpAddress" || named == "Hostname" {
		return HostOf(r)
	}
	return artifacts[strings.ToLower(named)].artifact(r)
}

// HostType returns the GraphQL type of the host with this id.
func HostType(id string) string {
	if IsAddress(id) {
		return "IpAddress"
	}
	return "Hostname"
}

// NodeType returns the GraphQL type of the entity with an id, and the id without a type in front of it, as in
// "HostPort:tKhoxnUMGirrHqYiMpsdaQRDZKBnXrao". The type is empty if it cannot be inferred.
func NodeType(id string) (named, key string) {
	if named, key, led := CutType(id); led {
		return ledBy(named, key), key
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(id)
	decoded := err == nil && len(raw) > 0
	return typeOf(func(is form) bool { return is(id, false) || (decoded && is(string(raw), true)) }), id
}

// typeOf returns the type with a form that matches. If several types that are not wide have one, it is unknown.
func typeOf(matches func(form) bool) string {
	found, wide := "", ""
	for _, k := range kinds {
		switch {
		case !slices.ContainsFunc(k.ids, matches):
		case k.wide:
			wide = k.named
		case found != "":
			return ""
		default:
			found = k.named
		}
	}
	return cmp.Or(found, wide)
}

// CutType splits an id with a type in front of it, "HostPort:X". A scheme with a capital letter is part of a URL, not a
// type.
func CutType(id string) (named, key string, led bool) {
	named, key, led = strings.Cut(id, ":")
	return named, key, led && leading.MatchString(named) && !strings.HasPrefix(key, "/")
}

// ledBy returns the type in front of a key. For a host the key decides. If the other type of host is in front of it,
// the type is unknown.
func ledBy(named, key string) string {
	switch {
	case named == "Host":
		return HostType(key)
	case (named == "Hostname" || named == "IpAddress") && named != HostType(key):
		return ""
	}
	return named
}

// isKind reports whether there is an entity type of this name.
func isKind(named string) bool {
	return named == "Host" || slices.ContainsFunc(kinds, func(k kind) bool { return k.named == named })
}

// leading matches the name of a type in front of an id. No id of Microsoft Graph begins like that: an IPv6 address has
// only the letters a to f.
var leading = regexp.MustCompile(`^[A-Z][A-Za-z]*[g-z][A-Za-z]*$`)

// plain matches ids as they are.
func plain(pattern *regexp.Regexp) form {
	return func(text string, decoded bool) bool { return !decoded && pattern.MatchString(text) }
}

// coded matches decoded ids.
func coded(pattern *regexp.Regexp) form {
	return func(text string, decoded bool) bool { return decoded && pattern.MatchString(text) }
}

// parted matches decoded ids with that many parts between dollar signs, the last of which has a form.
func parted(parts int, last func(string) bool) form {
	return func(text string, decoded bool) bool {
		all := strings.Split(text, "$$")
		return decoded && len(all) == parts && last(all[parts-1])
	}
}

// pair matches the id of a hostPair: the kind of link and three hosts.
func pair(text string, decoded bool) bool {
	all := strings.Split(text, "$$")
	return decoded && len(all) == 4 && host(all[1]) && host(all[2]) && host(all[3])
}

var digits = regexp.MustCompile(`^-?[0-9]+$`)

func number(text string) bool     { return digits.MatchString(text) && len(text) <= 5 }
func longNumber(text string) bool { return digits.MatchString(text) && len(text) > 5 }
func host(text string) bool       { return IsAddress(text) || isHostname(text) }

// vulnerabilityOf returns the CVE id in the id of a component. An id without one is returned as it is: no vulnerability
// has that id, so Microsoft Graph does not know the component either.
func vulnerabilityOf(componentID string) string {
	raw, err := base64.StdEncoding.DecodeString(componentID)
	cve, _, found := strings.Cut(string(raw), "71409")
	if err != nil || !found || cve == "" {
		return componentID
	}
	return cve
}
