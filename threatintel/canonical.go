package threatintel

import (
	"errors"
	"regexp"
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
	if named, key, led := CutType(id); led && (declared == "Node" || isKind(named)) {
		return canonicalLed(declared, named, key)
	}
	if err := CheckID(id); err != nil {
		return "", err
	}
	switch declared {
	case "Host", "Hostname", "IpAddress":
		return canonicalHost(id)
	case "Vulnerability":
		return canonicalCVE(id)
	case "Node":
		return canonicalNode(id)
	}
	return id, nil
}

// canonicalLed reads an id with a type in front of it.
func canonicalLed(declared, named, key string) (string, error) {
	id, err := CanonicalID(named, key)
	switch {
	case err != nil:
		return "", err
	case declared == "Node":
		return named + ":" + id, nil
	case !leads(named, declared) || ledBy(named, id) == "":
		return "", refuseID(named+":"+id, "is not of type "+declared, "")
	}
	return id, nil
}

// leads reports whether an id with one type in front of it may be an id of the other.
func leads(named, declared string) bool {
	host := named == "Hostname" || named == "IpAddress"
	return named == declared || host && declared == "Host"
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
