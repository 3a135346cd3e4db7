package threatintel

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// CanonicalID returns the one form in which an id is sent upstream, from an id as a person pasted it. declared names
// the GraphQL type that the id is for: a host's id and a CVE id are rewritten, and any other id, whose letter case
// counts, loses only the blanks around it. A type in front of the id (see Node) must be one that the id is for, and
// goes, unless the id is for any node. The error is an *IDError. A canonical id is its own canonical form.
func CanonicalID(declared, text string) (string, error) {
	if len(text) > maxID+maxLead || !utf8.ValidString(text) {
		return "", CheckID(text)
	}
	id := cleaned(text)
	if named, key, led := CutType(id); led && isKind(named) {
		return canonicalLed(declared, named, key)
	}
	if err := checkLead(declared, id); err != nil {
		return "", err
	}
	if err := CheckID(id); err != nil {
		return "", err
	}
	switch {
	case isHost(declared):
		return canonicalHost(id)
	case declared == "Vulnerability":
		return canonicalCVE(id)
	case declared == "Node":
		return canonicalNode(id)
	}
	return id, nil
}

// canonicalLed reads an id with a type in front of it.
func canonicalLed(declared, named, key string) (string, error) {
	id, err := CanonicalID(named, key)
	led := named + ":" + id
	switch {
	case err != nil:
		return "", err
	case !leads(named, declared):
		return "", refuseID(led, "is of type "+named+", not "+declared, "")
	case ledBy(named, id) == "":
		return "", refuseID(led, "is not of type "+named, HostType(id)+":"+id)
	case !leads(ledBy(named, id), declared):
		return "", refuseID(led, "is of type "+HostType(id)+", not "+declared, "")
	case declared == "Node":
		return led, nil
	}
	return id, nil
}

// leads reports whether an id with one type in front of it may be an id of the other.
func leads(named, declared string) bool {
	return named == declared || declared == "Node" || declared == "Host" && isHost(named) ||
		named == "Host" && isHost(declared)
}

// isHost reports whether ids of a type are hosts.
func isHost(named string) bool { return named == "Host" || named == "Hostname" || named == "IpAddress" }

// typeLike matches the name of a type in any letter case. No part of an IPv6 address does: its letters are a to f.
var typeLike = regexp.MustCompile(`^(?i)[a-z]*[g-z][a-z]*$`)

// checkLead refuses an id with something in front of it that looks like a type and is none, or is one in another letter
// case. A number behind a colon is the port of a host, which may be named like a type.
func checkLead(declared, id string) error {
	named, key, found := strings.Cut(id, ":")
	isPort := isHost(declared) && aNumber.MatchString(key)
	if !found || isPort || strings.HasPrefix(key, "/") || !typeLike.MatchString(named) || scheme.MatchString(id) {
		return nil
	}
	for _, known := range append(kindNames(), "Host") {
		if strings.EqualFold(known, named) {
			return refuseID(id, fmt.Sprintf("begins with %q, which is not the exact name of a type", named), known+":"+key)
		}
	}
	if leading.MatchString(named) {
		return refuseType(declared, id, named)
	}
	return nil
}

// refuseType returns the error for an id with something in front of it that looks like a type and is none.
func refuseType(declared, id, named string) *IDError {
	refused := refuseID(id, fmt.Sprintf("begins with %.40q, which is not the type of an entity", named), "")
	refused.Hint = "use the id alone, or with `" + declared + ":` in front"
	if declared == "Node" {
		refused.Hint = "use one of these types, as in `HostPort:ID`: " + strings.Join(kindNames(), ", ")
	}
	return refused
}

// kindNames returns the names of the entity types that can be fetched, in the order of the alphabet.
func kindNames() []string {
	all := make([]string, 0, len(kinds)+1)
	for _, k := range kinds {
		if k.named != "UnclassifiedArtifact" {
			all = append(all, k.named)
		}
	}
	slices.Sort(all)
	return all
}

// canonicalNode finds out the type of an id first. An id that tells none is left as it is.
func canonicalNode(id string) (string, error) {
	switch named, _ := NodeType(id); named {
	case "Vulnerability":
		return canonicalCVE(id)
	case "", "Hostname", "IpAddress":
		return nodeOfHost(id)
	}
	return id, nil
}

// nodeOfHost reads an id as a host's, if that is what it is: a single label could be anything, as what or in a hint.
func nodeOfHost(id string) (string, error) {
	host, err := canonicalHost(id)
	if refused, ok := errors.AsType[*IDError](err); ok && strings.ContainsAny(refused.Hint, ".:") {
		return "", err
	}
	if named, _ := NodeType(host); err == nil && named != "" {
		return host, nil
	}
	return id, nil
}

var (
	cve       = regexp.MustCompile(`^(?i)cve-[0-9]{4}-[0-9]{4,}$`)
	cveInside = regexp.MustCompile(`(?i)(?:^|[^a-z0-9-])(cve-[0-9]{4}-[0-9]{4,})(?:[^a-z0-9-]|$)`)
	cveNumber = regexp.MustCompile(`^(?i)(?:cve)?[\s_:-]*([0-9]{4})[\s_-]+([0-9]{4,})$`)
)

// canonicalCVE leaves an id alone that holds no CVE number: Microsoft Graph may have other vulnerabilities.
func canonicalCVE(id string) (string, error) {
	if cve.MatchString(id) {
		return strings.ToUpper(id), nil
	}
	if number := cveNumber.FindStringSubmatch(id); number != nil {
		return "", refuseID(id, "is not a CVE id", "CVE-"+number[1]+"-"+number[2])
	}
	if found := cveInside.FindStringSubmatch(id); found != nil {
		return "", refuseID(id, "contains more than a CVE id", strings.ToUpper(found[1]))
	}
	return id, nil
}
