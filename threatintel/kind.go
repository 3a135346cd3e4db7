package threatintel

import (
	"encoding/base64"
	"regexp"
	"strings"
)

// ArtifactType names the GraphQL type of what a reference to an artifact leads to: by its "@odata.type", in any letter
// case and with or without the namespace, and where that is missing, unknown or contradicted by the id, by what the id is.
func ArtifactType(r Reference) string {
	name := strings.ToLower(r.Type[strings.LastIndexByte(r.Type, '.')+1:])
	switch known := artifactTypes[strings.TrimPrefix(name, "#")]; {
	case known != "":
		return known
	case IsAddress(r.ID):
		return "IpAddress"
	case isHostname(r.ID):
		return "Hostname"
	}
	return "UnclassifiedArtifact"
}

// artifactTypes has no hosts: their ids decide.
var artifactTypes = map[string]string{
	"hostcomponent":        "HostComponent",
	"hostcookie":           "HostCookie",
	"hosttracker":          "HostTracker",
	"hostsslcertificate":   "HostSslCertificate",
	"passivednsrecord":     "PassiveDnsRecord",
	"sslcertificate":       "SslCertificate",
	"unclassifiedartifact": "UnclassifiedArtifact",
}

// HostType names the GraphQL type of the host with this id.
func HostType(id string) string {
	if IsAddress(id) {
		return "IpAddress"
	}
	return "Hostname"
}

// forms tell the entity type from the form of an id, in the order in which they are tried. The ids are those of the
// published examples; what they look like is a hint, and only the answer decides.
var forms = []struct {
	is    func(text string, decoded bool) bool
	named string
}{
	{plain(regexp.MustCompile(`^(?i)cve-[0-9]{4}-[0-9]{4,}$`)), "Vulnerability"},
	{plain(regexp.MustCompile(`^[0-9a-f]{8}$`)), "Article"},
	{plain(regexp.MustCompile(`^[0-9a-f]{64}$`)), "IntelligenceProfile"},
	{plain(regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)), "IntelligenceProfileIndicator"},
	{coded(regexp.MustCompile(`^[0-9a-f]{40}$`)), "SslCertificate"},
	{coded(regexp.MustCompile(`^(?i)cve-[0-9]{4}-[0-9]{4,}?71409.`)), "VulnerabilityComponent"},
	{coded(regexp.MustCompile(`15500[0-9a-f]{40}$`)), "HostSslCertificate"},
	{coded(regexp.MustCompile(`92410.+92410`)), "HostTracker"},
	{coded(regexp.MustCompile(`\$\$(true|false)$`)), "PassiveDnsRecord"},
	{parted(2, number), "HostPort"},
	{parted(2, longNumber), "WhoisRecord"},
	{parted(2, host), "Subdomain"},
	{parted(3, host), "HostCookie"},
	{pair, "HostPair"},
	{parted(4, host), "HostComponent"},
	{func(text string, decoded bool) bool { return decoded && host(text) }, "ArticleIndicator"},
	{coded(regexp.MustCompile(`^([0-9a-f]{32}|[0-9a-f]{64})$`)), "ArticleIndicator"}, // of a file, by its hash
	{func(text string, decoded bool) bool { return !decoded && IsAddress(text) }, "IpAddress"},
	{func(text string, decoded bool) bool { return !decoded && isHostname(text) }, "Hostname"},
}

// NodeType names the GraphQL type of the entity with an id, and returns the id without the type that may lead it, as in
// "HostPort:tKhoxnUMGirrHqYiMpsdaQRDZKBnXrao". The type is empty where nothing tells it.
func NodeType(id string) (named, key string) {
	if named, key, led := ledID(id); led {
		return ledBy(named, key), key
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(id)
	decoded := err == nil && len(raw) > 0
	for _, form := range forms {
		if form.is(id, false) || (decoded && form.is(string(raw), true)) {
			return form.named, id
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

func plain(form *regexp.Regexp) func(string, bool) bool {
	return func(text string, decoded bool) bool { return !decoded && form.MatchString(text) }
}

func coded(form *regexp.Regexp) func(string, bool) bool {
	return func(text string, decoded bool) bool { return decoded && form.MatchString(text) }
}

// parted is an id of so many parts, between dollar signs, of which the last is of a kind.
func parted(parts int, last func(string) bool) func(string, bool) bool {
	return func(text string, decoded bool) bool {
		all := strings.Split(text, "$$")
		return decoded && len(all) == parts && last(all[parts-1])
	}
}

// pair is the id of a pair: the kind of link, and three hosts.
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

// ArtifactOf is the artifact that a reference names, as far as the reference tells; nil where there is none.
func ArtifactOf(r *Reference) Artifact {
	if r == nil {
		return nil
	}
	switch ArtifactType(*r) {
	case "IpAddress", "Hostname":
		return HostOf(r)
	case "HostComponent":
		return &HostComponent{ID: r.ID}
	case "HostCookie":
		return &HostCookie{ID: r.ID}
	case "HostTracker":
		return &HostTracker{ID: r.ID}
	case "HostSslCertificate":
		return &HostSSLCertificate{ID: r.ID}
	case "PassiveDnsRecord":
		return &PassiveDNSRecord{ID: r.ID}
	case "SslCertificate":
		return &SSLCertificate{ID: r.ID}
	}
	return &UnclassifiedArtifact{ID: r.ID, Kind: r.Kind, Value: r.Text}
}
