package threatintel_test

import (
	"strings"
	"testing"

	"portico/threatintel"
)

const (
	sha1Example   = "fb96551505f1edb24dd3b36fcffdb765833b8118"
	sha256Example = "fb96551505f1edb24dd3b36fcffdb765833b8118fb96551505f1edb24dd3b36f"
)

// separated returns digits in pairs with a separator between them.
func separated(digits, by string) string {
	var pairs []string
	for i := 0; i < len(digits); i += 2 {
		pairs = append(pairs, digits[i:i+2])
	}
	return strings.Join(pairs, by)
}

func TestTextsAreComparedInTheFormOfTheirProperty(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, property, text, want string }{
		{"a SHA-1 hash", "sha1", sha1Example, sha1Example},
		{"a SHA-1 hash with colons and capitals", "sha1", strings.ToUpper(separated(sha1Example, ":")), sha1Example},
		{"a SHA-1 hash with blanks", "sslCertificate/sha1", " " + separated(sha1Example, " ") + "\n", sha1Example},
		{"a SHA-1 hash with no-break spaces", "sha1", separated(sha1Example, "\u00a0"), sha1Example},
		{"a SHA-1 hash with hyphens of a word processor", "sha1", separated(sha1Example, "\u2011"), sha1Example},
		{"a SHA-1 hash after an invisible mark", "sha1", "\u200e" + sha1Example, sha1Example},
		{"a SHA-1 hash after the label of openssl", "sha1", "SHA1 Fingerprint=" + separated(sha1Example, ":"), sha1Example},
		{"a fingerprint", "fingerprint", separated(sha1Example, ":"), sha1Example},
		{"a fingerprint of SHA-256 after a label", "fingerprint", "sha256 Fingerprint=" + separated(sha256Example, "-"), sha256Example},
		{"a fingerprint of SHA-256 after a short label", "fingerprint", "SHA-256: " + sha256Example, sha256Example},
		{"a serial number", "serialNumber", " 146473198 ", "146473198"},
		{"a serial number with groups of three", "serialNumber", "146 473 198", "146473198"},
		{"a serial number in pairs with colons", "serialNumber", "08:BB:00:EE", "146473198"},
		{"a serial number in pairs of decimal digits", "serialNumber", "08:11:22:33", "135340595"},
		{"a serial number in pairs with blanks", "serialNumber", "08 bb 00 ee", "146473198"},
		{"a serial number after 0x", "serialNumber", "0x08BB00EE", "146473198"},
		{"a serial number with letters", "serialNumber", "08BB00EE", "146473198"},
		{"a serial number after the label of openssl", "serialNumber", "serial=08112233", "135340595"},
		{"a serial number after the label of a browser", "serialNumber", "Serial Number: 146473198", "146473198"},
		{"a negative serial number", "serialNumber", "-5", "-5"},
		{"a long serial number", "serialNumber", "33:0F:1B:3E:8A:55", "56139974609493"},
		{"the serial number of an entity is any text", "subject/serialNumber", " HRB 08:15 ", "HRB 08:15"},
		{"a name server", "nameservers/host/id", " NS1[.]EXAMPLE.COM.", "ns1.example.com"},
		{"a part of a host", "id", " EXAMPLE ", "example"},
		{"a part of a host with defanged dots", "id", ".Example[.]com", ".example.com"},
		{"a whole host as a URL", "id", "hxxps://WWW2[.]example[.]com/", "www2.example.com"},
		{"a part of an address", "id", "192.0.2.", "192.0.2."},
		{"a part of an address without the last dot", "id", "192.0.2", "192.0.2"},
		{"a part of an IPv6 address", "id", "2001:DB8", "2001:db8"},
		{"a whole IPv6 address", "id", "2001:0DB8:0:0:0:0:100:3", "2001:db8::100:3"},
		{"a name in another script", "id", "Bücher", "xn--bcher-kva"},
		{"the domain of a cookie", "domain", " .example[.]com", ".example.com"},
		{"the domain of a cookie in capitals", "domain", "WWW2.Example.com.", "www2.example.com"},
		{"an email address", "registrant/email", " admin@example.com", "admin@example.com"},
		{"a defanged email address", "subject/email", "admin[at]example[.]com", "admin@example.com"},
		{"a link to an email address", "admin/email", "mailto:admin@example.com", "admin@example.com"},
		{"a name", "subject/commonName", "\tMajor Cobalt Strike\u00a0", "Major Cobalt Strike"},
		{"a title with a dash", "title", "2020\u20132021", "2020\u20132021"},
		{"a banner with brackets", "banners/banner", " [.] dot ", "[.] dot"},
		{"a word after invisible characters", "", "\u200b\ufeffransomware", "ransomware"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got, err := threatintel.CanonicalText(c.property, c.text); err != nil || got != c.want {
				t.Errorf("%q: got %q, %v, want %q", c.text, got, err, c.want)
			}
			if again, err := threatintel.CanonicalText(c.property, c.want); err != nil || again != c.want {
				t.Errorf("%q: its canonical form becomes %q, %v", c.want, again, err)
			}
		})
	}
}

func TestTextsThatNoValueCanBeEqualToAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, property, text, want string }{
		{"an empty text", "banners/banner", "", "must not be empty"},
		{"an empty hash", "sha1", " \u200b", "must not be empty"},
		{"an empty name server", "nameservers/host/id", "\u00a0", "must not be empty"},
		{"a hash of SHA-256 for SHA-1", "sha1", sha256Example, "must be a SHA-1 hash of 40 hexadecimal digits (got \"" + sha256Example + "\")"},
		{"half a hash", "sslCertificate/sha1", "FB:96", `must be a SHA-1 hash of 40 hexadecimal digits (got "FB:96")`},
		{"a name for a fingerprint", "fingerprint", "example.com", `must be hexadecimal digits (got "example.com")`},
		{"only a label", "fingerprint", "SHA1 Fingerprint=", `must be hexadecimal digits (got "SHA1 Fingerprint=")`},
		{"a name for a serial number", "serialNumber", "example", `must be a serial number in decimal or hexadecimal digits (got "example")`},
		{"a path after a host", "id", "example.com/login", `The id "example.com/login" contains a path in addition to the host; use "example.com".`},
		{"a port after a host", "id", "192.0.2.1:443", `The id "192.0.2.1:443" contains a port in addition to the host; use "192.0.2.1".`},
		{"a port after a name server", "nameservers/host/id", "ns1.example.com:53", `The id "ns1.example.com:53" contains a port in addition to the host; use "ns1.example.com".`},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got, err := threatintel.CanonicalText(c.property, c.text); err == nil || err.Error() != c.want {
				t.Errorf("%q: got %q, %v, want %s", c.text, got, err, c.want)
			}
		})
	}
}

func FuzzCanonicalText(f *testing.F) {
	for _, text := range []string{"FB:96", "0x0", "serial=1", "a[.]b", "mailto:mailto:a", "2001:DB8", "\u200b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, property := range []string{"sha1", "fingerprint", "serialNumber", "id", "domain", "nameservers/host/id", "title"} {
			got, err := threatintel.CanonicalText(property, text)
			if (err == nil) == (got == "") {
				t.Fatalf("%s %q: got %q, %v", property, text, got, err)
			}
			again, err := threatintel.CanonicalText(property, got)
			if part := property == "id" || property == "domain"; !part && got != "" && (err != nil || again != got) {
				t.Errorf("%s %q: %q, then %q, %v", property, text, got, again, err)
			}
		}
	})
}
