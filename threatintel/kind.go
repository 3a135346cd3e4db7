package threatintel

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
)

// A kind registers an entity type: the forms of its ids and, if a reference to an artifact can lead to it, how it is made
// from the reference. The rest follows from the schema and from the names of the type and its requests.
type kind struct {
	named    string // the GraphQL type
	ids      []form
	artifact func(r *Reference) Artifact
}

// A form reports whether a text has the form of an id: of the id as it is, or of the text that it decodes to.
type form func(text string, decoded bool) bool

// kinds are tried in this order, so a form comes before the forms that match the same ids and others. The forms are those
// of the published examples. They are hints: only the response tells the type.
var kinds = []kind{
	{named: "Vulnerability", ids: []form{plain(regexp.MustCompile(`^(?i)cve-[0-9]{4}-[0-9]{4,}$`))}},
	{named: "Article", ids: []form{plain(regexp.MustCompile(`^[0-9a-f]{8}$`))}},
	{named: "IntelligenceProfile", ids: []form{plain(regexp.MustCompile(`^[0-9a-f]{64}$`))}},
	{named: "IntelligenceProfileIndicator", ids: []form{
		plain(regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)),
	}},
	{
		named: "SslCertificate", ids: []form{coded(regexp.MustCompile(`^[0-9a-f]{40}$`))},
		artifact: func(r *Reference) Artifact { return &SSLCertificate{ID: r.ID} },
	},
	{named: "VulnerabilityComponent", ids: []form{coded(regexp.MustCompile(`^(?i)cve-[0-9]{4}-[0-9]{4,}?71409.`))}},
	{
		named: "HostSslCertificate", ids: []form{coded(regexp.MustCompile(`15500[0-9a-f]{40}$`))},
		artifact: func(r *Reference) Artifact { return &HostSSLCertificate{ID: r.ID} },
	},
	{
		named: "HostTracker", ids: []form{coded(regexp.MustCompile(`92410.+92410`))},
		artifact: func(r *Reference) Artifact { return &HostTracker{ID: r.ID} },
	},
	{
		named: "PassiveDnsRecord", ids: []form{coded(regexp.MustCompile(`\$\$(true|false)$`))},
		artifact: func(r *Reference) Artifact { return &PassiveDNSRecord{ID: r.ID} },
	},
	{named: "HostPort", ids: []form{parted(2, number)}},
	{named: "WhoisRecord", ids: []form{parted(2, longNumber)}},
	{named: "Subdomain", ids: []form{parted(2, host)}},
	{
		named: "HostCookie", ids: []form{parted(3, host)},
		artifact: func(r *Reference) Artifact { return &HostCookie{ID: r.ID} },
	},
	{named: "HostPair", ids: []form{pair}},
	{
		named: "HostComponent", ids: []form{parted(4, host)},
		artifact: func(r *Reference) Artifact { return &HostComponent{ID: r.ID} },
	},
	{named: "ArticleIndicator", ids: []form{
		func(text string, decoded bool) bool { return decoded && host(text) },
		coded(regexp.MustCompile(`^([0-9a-f]{32}|[0-9a-f]{64})$`)), // of a file, by its hash
	}},
	{named: "IpAddress", ids: []form{func(text string, decoded bool) bool { return !decoded && IsAddress(text) }}},
	{named: "Hostname", ids: []form{func(text string, decoded bool) bool { return !decoded && isHostname(text) }}},
	{named: "UnclassifiedArtifact", artifact: unclassified},
}

func unclassified(r *Reference) Artifact {
	return &UnclassifiedArtifact{ID: r.ID, Kind: r.Kind, Value: r.Text}
}

// artifacts holds the kinds that are artifacts by their name in lower case. Hosts are not among them: their ids decide.
var artifacts = func() map[string]kind {
	all := map[string]kind{}
	for _, k := range kinds {
		if k.artifact != nil {
			all[strings.ToLower(k.named)] = k
		}
	}
	return all
}()

// ArtifactType returns the GraphQL type of the target of a reference to an artifact. It is the "@odata.type", in any letter
// case and with or without the namespace. If that is missing, unknown or contradicted by the id, the id decides.
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
	if named, key, led := ledID(id); led {
		return ledBy(named, key), key
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(id)
	decoded := err == nil && len(raw) > 0
	matches := func(is form) bool { return is(id, false) || (decoded && is(string(raw), true)) }
	for _, k := range kinds {
		if slices.ContainsFunc(k.ids, matches) {
			return k.named, id
		}
	}
	return "", id
}

// ledID splits an id that is led by its type. A scheme with a capital leads a URL, and no id.
func ledID(id string) (named, key string, led bool) {
	named, key, led = strings.Cut(id, ":")
	return named, key, led && leading.MatchString(named) && !strings.HasPrefix(key, "/")
}

// ledBy is the type that stands before a key. Of a host the key decides; another type of host before it is a contradiction,
// which tells none.
func ledBy(named, key string) string {
	switch {
	case named == "Host":
		return HostType(key)
	case (named == "Hostname" || named == "IpAddress") && named != HostType(key):
		return ""
	}
	return named
}

// leading is the name of a type before an id. No id of Microsoft Graph begins like it: an IPv6 address has no capital
// that is followed by another letter than a digit's.
var leading = regexp.MustCompile(`^[A-Z][A-Za-z]*[g-z][A-Za-z]*$`)

func plain(form *regexp.Regexp) form {
	return func(text string, decoded bool) bool { return !decoded && form.MatchString(text) }
}

func coded(form *regexp.Regexp) form {
	return func(text string, decoded bool) bool { return decoded && form.MatchString(text) }
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

// vulnerabilityOf is the CVE id that leads the id of a component. An id that has none is of no component, and stands for
// a vulnerability that there is not.
func vulnerabilityOf(componentID string) string {
	raw, err := base64.StdEncoding.DecodeString(componentID)
	cve, _, found := strings.Cut(string(raw), "71409")
	if err != nil || !found || cve == "" {
		return componentID
	}
	return cve
}
