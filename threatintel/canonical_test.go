package threatintel_test

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"portico/msgraph"
	"portico/threatintel"
)

// pastedHosts are ways in which people paste hosts, with what is sent upstream for each.
var pastedHosts = []struct{ what, text, want string }{
	{"an address", "192.0.2.1", "192.0.2.1"},
	{"a name", "www2.example.com", "www2.example.com"},
	{"a single label", "localhost", "localhost"},
	{"capitals", "WWW2.EXAMPLE.COM", "www2.example.com"},
	{"a blank in front", " 192.0.2.1", "192.0.2.1"},
	{"a tab and a line end", "\t192.0.2.1\r\n", "192.0.2.1"},
	{"a no-break space", "\u00a0192.0.2.1\u00a0", "192.0.2.1"},
	{"an ideographic space", "\u3000www2.example.com", "www2.example.com"},
	{"a narrow no-break space and an em space", "\u202f\u2003www2.example.com\u2009", "www2.example.com"},
	{"a line separator", "www2.example.com\u2028", "www2.example.com"},
	{"a next-line character", "www2.example.com\u0085", "www2.example.com"},
	{"a braille blank and a Hangul filler", "\u2800192.0.2.1\u3164", "192.0.2.1"},
	{"a zero-width space in front", "\u200b192.0.2.1", "192.0.2.1"},
	{"a zero-width space inside", "192.0.2\u200b.1", "192.0.2.1"},
	{"a byte-order mark", "\ufeffwww2.example.com", "www2.example.com"},
	{"a word joiner and a soft hyphen", "www2.\u2060exam\u00adple.com", "www2.example.com"},
	{"marks of writing direction", "\u200ewww2.example.com\u200f\u202a\u202c\u2066\u2069", "www2.example.com"},
	{"joiners among ASCII letters", "www2\u200d.example\u200c.com", "www2.example.com"},
	{"a variation selector", "www2.example.com\ufe0f", "www2.example.com"},
	{"a non-breaking hyphen", "my\u2011host.example.com", "my-host.example.com"},
	{"an en dash", "my\u2013host.example.com", "my-host.example.com"},

	{"a dot at the end", "www2.example.com.", "www2.example.com"},
	{"an address with a dot at the end", "192.0.2.1.", "192.0.2.1"},
	{"a defanged dot at the end", "www2[.]example[.]com[.]", "www2.example.com"},
	{"underscores", "_dmarc._TCP.example.com", "_dmarc._tcp.example.com"},
	{"hyphens at the third and fourth place", "r3---sn-4g5e6nsz.example.com", "r3---sn-4g5e6nsz.example.com"},
	{"hyphens at the ends of a label", "-a-.example.com", "-a-.example.com"},
	{"a wildcard", "*.Example.com", "*.example.com"},

	{"IPv6 in capitals", "2001:DB8::100:3", "2001:db8::100:3"},
	{"IPv6 in full", "2001:0DB8:0000:0000:0000:0000:0100:0003", "2001:db8::100:3"},
	{"IPv6 with zeros that are left out elsewhere", "2001:db8:0:0::100:3", "2001:db8::100:3"},
	{"IPv6 in brackets", "[2001:db8::100:3]", "2001:db8::100:3"},
	{"IPv6 in a URL", "https://[2001:DB8::100:3]/", "2001:db8::100:3"},
	{"IPv6, defanged", "2001[:]db8[:][:]100[:]3", "2001:db8::100:3"},
	{"IPv6, defanged in one", "2001[:]db8[::]100[:]3", "2001:db8::100:3"},
	{"the unspecified address", "::", "::"},
	{"the loopback address in brackets", "[::1]", "::1"},
	{"IPv4 in IPv6 notation", "::ffff:192.0.2.1", "192.0.2.1"},
	{"IPv4 in IPv6 notation, in hexadecimal", "::FFFF:C000:0201", "192.0.2.1"},
	{"IPv4 in IPv6 notation, in brackets and defanged", "[::ffff:192[.]0[.]2[.]1]", "192.0.2.1"},
	{"full-width digits", "１９２．０．２．１", "192.0.2.1"},

	{"a name in German", "Bücher.example", "xn--bcher-kva.example"},
	{"a name in German, with a combining mark", "bu\u0308cher.example", "xn--bcher-kva.example"},
	{"the same in punycode", "XN--BCHER-KVA.example", "xn--bcher-kva.example"},
	{"an eszett is kept", "straße.example", "xn--strae-oqa.example"},
	{"a name in Chinese with its own dots", "例子。测试", "xn--fsqu00a.xn--0zwm56d"},
	{"a name in Persian with a joiner", "نامه\u200cای.com", "xn--mgba3gch31f060k.com"},
	{"a name with an underscore and an umlaut", "_ü.example", "xn--_-eha.example"},
	{"an emoji", "i❤.example", "xn--i-7iq.example"},
	{"a middle dot", "paral·lel.example", "xn--parallel-koa.example"},
	{"punycode that is broken", "xn--a-.example", "xn--a-.example"},

	{"[.]", "192[.]0[.]2[.]1", "192.0.2.1"},
	{"one [.]", "192.0.2[.]1", "192.0.2.1"},
	{"(.)", "192(.)0(.)2(.)1", "192.0.2.1"},
	{"{.}", "www2{.}example{.}com", "www2.example.com"},
	{"<.>", "www2<.>example<.>com", "www2.example.com"},
	{"[dot]", "www2[dot]example[dot]com", "www2.example.com"},
	{"(DOT)", "www2(DOT)example(Dot)com", "www2.example.com"},
	{"{dot} with blanks", "www2 { dot } example {dot} com", "www2.example.com"},
	{"[ . ]", "www2[ . ]example [.] com", "www2.example.com"},
	{"the word dot", "www2 dot example DOT com", "www2.example.com"},
	{"half brackets", "www2[.example.]com", "www2.example.com"},
	{"the last label in brackets", "www2.example[.com]", "www2.example.com"},
	{"backslashes before the dots", `192\.0\.2\.1`, "192.0.2.1"},
	{"hxxp", "hxxp://www2.example.com", "www2.example.com"},
	{"hXXps", "hXXps://www2[.]example[.]com/", "www2.example.com"},
	{"h**p", "h**p://www2.example.com/", "www2.example.com"},
	{"hxxp[s]", "hxxp[s]://www2.example.com/", "www2.example.com"},
	{"[:]//", "hxxp[:]//www2.example.com", "www2.example.com"},
	{"[://]", "https[://]www2[.]example[.]com", "www2.example.com"},
	{"[:/]/", "https[:/]/www2.example.com", "www2.example.com"},
	{"[/] at the end", "hxxps[:]//www2.example.com[/]", "www2.example.com"},

	{"a URL of scheme and host", "https://www2.example.com", "www2.example.com"},
	{"a URL with a slash", "https://www2.example.com/", "www2.example.com"},
	{"a URL in capitals", "HTTPS://WWW2.EXAMPLE.COM/", "www2.example.com"},
	{"a URL of another scheme", "ftp://www2.example.com/", "www2.example.com"},
	{"a URL without its scheme", "//www2.example.com/", "www2.example.com"},
	{"a host with a slash", "www2.example.com/", "www2.example.com"},
	{"a URL of an address", "http://192.0.2.1/", "192.0.2.1"},
	{"backslashes in a URL", `http:\\www2.example.com\`, "www2.example.com"},
}

// refusedHosts are ids that hold more than a host, or none, with the host that the hint names.
var refusedHosts = []struct{ what, text, hint string }{
	{"a path", "https://www2.example.com/login", "www2.example.com"},
	{"a path without a scheme", "www2.example.com/login", "www2.example.com"},
	{"a path, defanged", "hxxps://WWW2[.]example[.]com/a/b.php?x=1", "www2.example.com"},
	{"two slashes", "https://www2.example.com//", "www2.example.com"},
	{"a query", "https://www2.example.com?x=1", "www2.example.com"},
	{"a query with another host", "https://www2.example.com/?u=https://other.example/", "www2.example.com"},
	{"a fragment", "https://www2.example.com/#top", "www2.example.com"},
	{"a port", "www2.example.com:443", "www2.example.com"},
	{"a port of an address", "192.0.2.1:8080", "192.0.2.1"},
	{"a port, defanged", "192[.]0[.]2[.]1[:]8080", "192.0.2.1"},
	{"a port that is missing", "www2.example.com:", "www2.example.com"},
	{"a URL with a port", "https://www2.example.com:443/", "www2.example.com"},
	{"a port of an IPv6 address", "[2001:DB8::1]:443", "2001:db8::1"},
	{"a network", "192.0.2.0/24", "192.0.2.0"},
	{"a network of one address", "192.0.2.1/32", "192.0.2.1"},
	{"a network of IPv6", "2001:DB8::/32", "2001:db8::"},
	{"a network, defanged", "192[.]0[.]2[.]0[/]24", "192.0.2.0"},
	{"an e-mail address", "someone@Example.com", "example.com"},
	{"an e-mail address, defanged", "someone[@]example[.]com", "example.com"},
	{"an e-mail address in words", "someone[at]example(dot)com", "example.com"},
	{"a mailto link", "mailto:someone@example.com", "example.com"},
	{"user information", "https://user:secret@www2.example.com/", "www2.example.com"},
	{"a user name that looks like a host", "https://www.example.org@www2.example.com/", "www2.example.com"},
	{"a zone", "fe80::1%eth0", "fe80::1"},
	{"a numbered zone", "fe80::1%1", "fe80::1"},
	{"a zone in a URL", "http://[fe80::1%25eth0]/", "fe80::1"},
	{"two addresses", "192.0.2.1, 192.0.2.2", "192.0.2.1"},
	{"two lines", "192.0.2.1 www2.example.com", "192.0.2.1"},
	{"a comma at the end", "192.0.2.1,", "192.0.2.1"},
	{"quotes", `"www2.example.com"`, "www2.example.com"},
	{"angle brackets", "<https://www2.example.com/>", "www2.example.com"},
	{"quotation marks of a word processor", "“www2.example.com”", "www2.example.com"},
	{"quotation marks of another language", "„Bücher.example“", "xn--bcher-kva.example"},
	{"a dash for a hyphen", "my—host.example.com", ""},
	{"a dot in front", ".example.com", "example.com"},
	{"two dots at the end", "example.com..", "example.com"},
	{"a sentence", "seen at www2[.]example[.]com today", "www2.example.com"},

	{"only a scheme", "https://", ""},
	{"a blank inside", "www2 example", ""},
	{"two dots inside", "www2..example.com", ""},
	{"an address out of range", "192.0.2.256", ""},
	{"an address with three parts", "192.0.2", ""},
	{"an address with leading zeros", "192.000.002.001", ""},
	{"an address as one number", "3221225985", ""},
	{"an address in hexadecimal", "0xC0000201", ""},
	{"brackets around IPv4", "[192.0.2.1]", "192.0.2.1"},
	{"a bracket that is not closed", "[2001:db8::1", "2001:db8::1"},
	{"an IPv6 address that is cut off", "2001:db8:", ""},
	{"a label that is too long", strings.Repeat("a", 64) + ".example", ""},
	{"a name that is too long", strings.Repeat("a.", 130) + "example", ""},
	{"a letter that normalizes to a slash", "www2.example.com℀", ""},
	{"an emoji that no name may hold", "www2.example\u2764\u2764.com\uffff", ""},
	{"a port's id", "ODUuMTMuMTM5LjE4JCQyMQ==", ""},
	{"percent signs", "www2%2eexample%2ecom", ""},
	{"nothing but a dot", ".", ""},
	{"nothing but dots and slashes", "../..", ""},
}

func TestHostsAreReadAsPeoplePasteThem(t *testing.T) {
	t.Parallel()
	for _, c := range pastedHosts {
		t.Run(c.what, func(t *testing.T) {
			for _, declared := range []string{"Host", threatintel.HostType(c.want)} {
				got, err := threatintel.CanonicalID(declared, c.text)
				if err != nil || got != c.want {
					t.Errorf("%s %q: got %q, %v, want %q", declared, c.text, got, err, c.want)
				}
			}
			if got, err := threatintel.CanonicalID("Node", "Host:"+c.text); !strings.HasPrefix(c.text, "//") && (err != nil || got != "Host:"+c.want) {
				t.Errorf("led by its type: got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestMoreThanAHostIsRefusedWithAHint(t *testing.T) {
	t.Parallel()
	for _, c := range refusedHosts {
		t.Run(c.what, func(t *testing.T) {
			got, err := threatintel.CanonicalID("Host", c.text)
			var refused *threatintel.IDError
			if !errors.As(err, &refused) {
				t.Fatalf("got %q, want a refusal", got)
			}
			if want := strings.TrimSuffix(`use "`+c.hint+`"`, `use ""`); refused.Hint != want {
				t.Errorf("hint %q, want %q (%v)", refused.Hint, want, err)
			}
			if c.hint != "" && !strings.Contains(err.Error(), refused.Hint) {
				t.Errorf("%v does not name %s", err, c.hint)
			}
		})
	}
}

// typesOf returns the names of the schema's types that can be fetched, in the order of the alphabet.
func typesOf(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, found := range regexp.MustCompile(`(?m)^type (\w+) implements .*\bNode\b`).FindAllStringSubmatch(string(text), -1) {
		if found[1] != "UnclassifiedArtifact" {
			names = append(names, found[1])
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ") + "."
}

func TestOtherIDs(t *testing.T) {
	t.Parallel()
	allTypes := typesOf(t)
	for _, c := range []struct{ what, declared, text, want, refusal string }{
		{"a CVE id in lower case", "Vulnerability", "cve-2021-44228", "CVE-2021-44228", ""},
		{"a CVE id in mixed case with blanks", "Vulnerability", " Cve-2021-44228\u00a0", "CVE-2021-44228", ""},
		{"a CVE id with hyphens of a word processor", "Vulnerability", "CVE\u20112021\u201344228", "CVE-2021-44228", ""},
		{"a page about a CVE", "Vulnerability", "https://example.com/cve-2021-44228", "", `The id "https://example.com/cve-2021-44228" contains more than a CVE id; use "CVE-2021-44228".`},
		{"a number without CVE", "Vulnerability", "2021-44228", "", `The id "2021-44228" is not a CVE id; use "CVE-2021-44228".`},
		{"blanks for hyphens", "Vulnerability", "CVE 2021 44228", "", `The id "CVE 2021 44228" is not a CVE id; use "CVE-2021-44228".`},
		{"underscores for hyphens", "Vulnerability", "cve_2021_44228", "", `The id "cve_2021_44228" is not a CVE id; use "CVE-2021-44228".`},
		{"a CVE id in brackets", "Vulnerability", "[CVE-2021-44228]", "", `The id "[CVE-2021-44228]" contains more than a CVE id; use "CVE-2021-44228".`},
		{"a vulnerability without a CVE id", "Vulnerability", "ADV990001", "ADV990001", ""},
		{"a certificate's id keeps its capitals", "SslCertificate", "ZmI5NjU1MTUwNWYxZWRi\n", "ZmI5NjU1MTUwNWYxZWRi", ""},
		{"a certificate's id is not a fingerprint", "SslCertificate", "FB:96:55", "FB:96:55", ""},
		{"a port's id", "HostPort", "\u200bODUuMTMuMTM5LjE4JCQyMQ== ", "ODUuMTMuMTM5LjE4JCQyMQ==", ""},
		{"a profile's id", "IntelligenceProfile", strings.Repeat("9b", 32), strings.Repeat("9b", 32), ""},
		{"only whitespace", "HostPort", " \u200b\u3000", "", "The id is empty."},
		{"only whitespace for a host", "Host", "\u00a0\t", "", "The id is empty."},
		{"a line end inside", "Host", "a\r\nHost: evil", "", "The id contains a control character."},
		{"bytes that are not UTF-8", "Host", "a\xff", "", "The id is not valid UTF-8."},
		{"ten thousand blanks", "Host", strings.Repeat(" ", 10_000), "", "The id has 10000 bytes; the maximum is 1024."},

		{"a node that is a host, in capitals", "Node", "WWW2.EXAMPLE.COM.", "www2.example.com", ""},
		{"a node that is a defanged address", "Node", "192[.]0[.]2[.]1", "192.0.2.1", ""},
		{"a node that is an IPv6 address in full", "Node", "2001:0DB8:0:0:0:0:100:3", "2001:db8::100:3", ""},
		{"a node that is a URL of a host", "Node", "Https://www2.example.com/", "www2.example.com", ""},
		{"a node that is a URL with a path", "Node", "https://www2.example.com/x", "", `The id "https://www2.example.com/x" contains a path in addition to the host; use "www2.example.com".`},
		{"a node that is a CVE id", "Node", "cve-2021-44228", "CVE-2021-44228", ""},
		{"a node prefixed with its type", "Node", " HostPort: ODUuMTMuMTM5LjE4JCQyMQ== ", "HostPort:ODUuMTMuMTM5LjE4JCQyMQ==", ""},
		{"a node prefixed with Vulnerability", "Node", "Vulnerability:cve-2021-44228", "Vulnerability:CVE-2021-44228", ""},
		{"a port's id with its type", "HostPort", "HostPort:ODUuMTMuMTM5LjE4JCQyMQ==", "ODUuMTMuMTM5LjE4JCQyMQ==", ""},
		{"a port's id with its type twice", "HostPort", "HostPort: HostPort:x", "x", ""},
		{"a port's id with another type", "HostPort", "Article:a272d5ab", "", `The id "Article:a272d5ab" is of type Article, not HostPort.`},
		{"a WHOIS record's id with the type of its history", "WhoisRecord", "WhoisHistoryRecord:x", "", `The id "WhoisHistoryRecord:x" is of type WhoisHistoryRecord, not WhoisRecord.`},
		{"a port's id with a name that is not a type", "HostPort", "Nothing:x", "", "The id \"Nothing:x\" begins with \"Nothing\", which is not the type of an entity; use the id alone, or with `HostPort:` in front."},
		{"a port's id with its type in lower case", "HostPort", "hostport:x", "", `The id "hostport:x" begins with "hostport", which is not the exact name of a type; use "HostPort:x".`},
		{"a certificate's id with an acronym in capitals", "SslCertificate", "SSLCertificate:x", "", `The id "SSLCertificate:x" begins with "SSLCertificate", which is not the exact name of a type; use "SslCertificate:x".`},
		{"an id with another type in lower case", "HostPort", "article:x", "", `The id "article:x" begins with "article", which is not the exact name of a type; use "Article:x".`},
		{"a vulnerability with a name that is not a type", "Vulnerability", "Cve:CVE-2021-44228", "", "The id \"Cve:CVE-2021-44228\" begins with \"Cve\", which is not the type of an entity; use the id alone, or with `Vulnerability:` in front."},
		{"a host's id with the type of ports", "Host", "HostPort:x", "", `The id "HostPort:x" is of type HostPort, not Host.`},
		{"a host's id with its interface in lower case", "Host", "host:192.0.2.1", "", `The id "host:192.0.2.1" begins with "host", which is not the exact name of a type; use "Host:192.0.2.1".`},
		{"a host's id with a name that is not a type", "Host", "Domain:www2.example.com", "", "The id \"Domain:www2.example.com\" begins with \"Domain\", which is not the type of an entity; use the id alone, or with `Host:` in front."},
		{"a host that is named like a type, with a port", "Host", "Host:8080", "", `The id "8080" is not a host name or an IP address.`},
		{"a host that is named like a type in lower case, with a port", "Host", "host:8080", "", `The id "host:8080" contains a port in addition to the host; use "host".`},
		{"a mailto link in capitals", "Host", "Mailto:someone@example.com", "", `The id "Mailto:someone@example.com" contains a user name or a mailbox in addition to the host; use "example.com".`},
		{"a node with its type in lower case", "Node", "hostport:x", "", `The id "hostport:x" begins with "hostport", which is not the exact name of a type; use "HostPort:x".`},
		{"a node with a name that is not a type", "Node", "Nope:x", "", "The id \"Nope:x\" begins with \"Nope\", which is not the type of an entity; use one of these types, as in `HostPort:ID`: " + allTypes},
		{"a node with an interface that is not a type", "Node", "Artifact:192.0.2.1", "", "The id \"Artifact:192.0.2.1\" begins with \"Artifact\", which is not the type of an entity; use one of these types, as in `HostPort:ID`: " + allTypes},
		{"a node that is an address with the type of names", "Node", "Hostname:192.0.2.1", "", `The id "Hostname:192.0.2.1" is not of type Hostname; use "IpAddress:192.0.2.1".`},
		{"an address with the interface of hosts, for a type of host", "Hostname", "Host:192.0.2.1", "", `The id "Host:192.0.2.1" is of type IpAddress, not Hostname.`},
		{"a host's id with its type", "Host", "Hostname:WWW2.EXAMPLE.COM.", "www2.example.com", ""},
		{"a host's id with its interface", "Host", "Host:192.0.2[.]1", "192.0.2.1", ""},
		{"an address with the type of names", "Host", "Hostname:192.0.2.1", "", `The id "Hostname:192.0.2.1" is not of type Hostname; use "IpAddress:192.0.2.1".`},
		{"a name with the type of addresses", "IpAddress", "IpAddress:www2.example.com", "", `The id "IpAddress:www2.example.com" is not of type IpAddress; use "Hostname:www2.example.com".`},
		{"the longest id, with its type", "Node", "HostPort:" + strings.Repeat("x", 1024), "HostPort:" + strings.Repeat("x", 1024), ""},
		{"an id that is too long, with its type", "Node", "HostPort:" + strings.Repeat("x", 1025), "", "The id has 1025 bytes; the maximum is 1024."},
		{"a node with only a type prefix", "Node", "HostPort:", "", "The id is empty."},
		{"a node that is a port's id", "Node", "ODUuMTMuMTM5LjE4JCQyMQ==", "ODUuMTMuMTM5LjE4JCQyMQ==", ""},
		{"a node that is an article's id", "Node", " a272d5ab", "a272d5ab", ""},
		{"a node without a recognizable type", "Node", "tKhoxnUMGirrHqYiMpsdaQRDZKBnXrao", "tKhoxnUMGirrHqYiMpsdaQRDZKBnXrao", ""},
		{"a node without a recognizable type, with a slash", "Node", "tKhoxnUMGirr/HqYiMpsdaQRDZKBnXrao", "tKhoxnUMGirr/HqYiMpsdaQRDZKBnXrao", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			got, err := threatintel.CanonicalID(c.declared, c.text)
			refusal := ""
			if err != nil {
				got, refusal = "", err.Error()
			}
			if got != c.want || refusal != c.refusal {
				t.Errorf("%q: got %q, %q", c.text, got, refusal)
			}
		})
	}
}

// A host in the answer is spelled as it was asked for.
func TestTheIDOfAHostIsCanonical(t *testing.T) {
	t.Parallel()
	for id, answered := range map[string]string{
		"2001:db8::100:3":  "2001:0DB8::0100:0003",
		"www2.example.com": "WWW2.example.com.",
		"192.0.2.1":        "192.0.2.1",
	} {
		host, _, err := threatintel.HostByID(id, msgraph.Query{}).Decode([]byte(`{"id":"`+answered+`"}`), msgraph.Asked{})
		if got := threatintel.References(host); err != nil || len(got) != 1 || got[0].ID != id {
			t.Errorf("requested %s, got %s: %v, %v", id, answered, got, err)
		}
	}
}

func FuzzCanonicalID(f *testing.F) {
	for _, c := range pastedHosts {
		f.Add(c.text)
	}
	for _, c := range refusedHosts {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, declared := range []string{"Host", "Node", "Vulnerability", "HostPort"} {
			id, err := threatintel.CanonicalID(declared, text)
			if err != nil {
				continue
			}
			if again, err := threatintel.CanonicalID(declared, id); err != nil || again != id {
				t.Errorf("%s %q: %q, then %q, %v", declared, text, id, again, err)
			}
			if err := threatintel.CheckID(id); err != nil {
				t.Errorf("%s %q: %q %v", declared, text, id, err)
			}
		}
	})
}
