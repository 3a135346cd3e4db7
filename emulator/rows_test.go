package emulator_test

import (
	"net/url"
	"strings"
	"testing"

	"portico/emulator"
)

// values holds a valid value for each query option. A row can have its own.
var values = map[string]string{
	"select": "id", "expand": "mostRecentSslCertificate", "filter": "linkKind eq 'redirect'", "orderby": "firstSeenDateTime desc",
	"top": "2", "skip": "1", "count": "true", "search": "example",
}

// TestOptions has one row for each documentation page: the options in the row are accepted, all others are refused, and a
// GET without options has the status in the row.
func TestOptions(t *testing.T) {
	e, s := started(t, emulator.WithStrictForms(true))
	host, name := e.HostIDs()[0], e.HostIDs()[2]
	port, cert := e.PortIDs()[0], e.HuntCertificateIDs()[0]
	first := func(path string) string { return url.PathEscape(e.List(path)[0]) }
	rows := []struct {
		url    string
		takes  string // names of options, with =value if it is not the usual one
		status int    // of a GET without options, 200 if not given
	}{
		// One entity by its key.
		{url: "hostPorts/" + port, takes: "select expand"},
		{url: "hosts/" + host, takes: "select"},
		{url: "hostComponents/" + first("hosts/"+host+"/components"), takes: "select"},
		{url: "hostCookies/" + first("hosts/"+host+"/cookies"), takes: "select"},
		{url: "hostTrackers/" + first("hosts/"+host+"/trackers"), takes: "select"},
		{url: "hostPairs/" + first("hosts/"+host+"/hostPairs"), takes: "select"},
		{url: "subdomains/" + first("hosts/"+name+"/subdomains"), takes: "select"},
		{url: "passiveDnsRecords/" + first("hosts/"+name+"/passiveDns"), takes: "select"},
		{url: "passiveDnsRecords/" + first("hosts/"+host+"/passiveDnsReverse"), takes: "select"},
		{url: "hostSslCertificates/" + first("hosts/"+host+"/sslCertificates"), takes: "select"},
		{url: "sslCertificates/" + cert, takes: "select"},
		{url: "whoisRecords/" + first("hosts/"+host+"/whois"), takes: "select"},
		{url: "whoisHistoryRecords/" + first("hosts/"+host+"/whois/history"), takes: "select"},
		{url: "whoisHistoryRecord/" + first("hosts/"+host+"/whois/history"), takes: "select"},
		{url: "articles/" + first("articles"), takes: "select"},
		{url: "articleIndicators/" + first("articles/a272d5ab/indicators"), takes: "select"},
		{url: "intelProfiles/" + first("intelProfiles"), takes: "select"},
		{url: "intelligenceProfileIndicators/ff3eecd2-a2be-27c2-8dc0-40d1c0eada55", takes: "select"},
		{url: "vulnerabilities/cve-2021-44228", takes: "select"},
		{url: "vulnerabilities/CVE-2021-44228/components/" + first("vulnerabilities/CVE-2021-44228/components"), takes: "select"},

		// What hangs on a host.
		{url: "hosts/" + host + "/reputation", takes: "select"},
		{url: "hosts/" + host + "/whois", takes: "select"},
		{url: "hosts/" + host + "/ports", takes: "select expand top skip count"},
		{url: "hosts/" + host + "/components", takes: "select top skip count"},
		{url: "hosts/" + host + "/cookies", takes: "select top skip count"},
		{url: "hosts/" + host + "/trackers", takes: "select top skip count"},
		{url: "hosts/" + name + "/subdomains", takes: "select top count"},
		{url: "hosts/" + host + "/hostPairs", takes: "select top skip count filter orderby"},
		{url: "hosts/" + host + "/childHostPairs", takes: "select top skip count filter=parentHost/id+eq+'x' orderby"},
		{url: "hosts/" + host + "/parentHostPairs", takes: "select top skip count filter=childHost/id+in+('x','y') orderby"},
		{url: "hosts/" + name + "/passiveDns", takes: "select top skip count filter=recordType+eq+'A' orderby"},
		{url: "hosts/" + host + "/passiveDnsReverse", takes: "select top skip count filter=recordType+eq+'A' orderby"},
		{url: "hosts/" + host + "/sslCertificates", takes: "select top skip count orderby"},
		{url: "hosts/" + host + "/whois/history", takes: "select top skip count"},

		// What hangs on anything else.
		{url: "sslCertificates/" + cert + "/relatedHosts", takes: "top skip count"},
		{url: "whoisRecords/" + first("hosts/"+host+"/whois") + "/history", takes: "select top skip count"},
		{url: "articles/a272d5ab/indicators", takes: "select top skip count"},
		{url: "intelProfiles/" + first("intelProfiles") + "/indicators", takes: "select top skip count"},
		{url: "vulnerabilities/CVE-2021-44228/components", takes: "select top skip count"},
		{url: "vulnerabilities/CVE-2021-44228/articles", takes: "select top skip count"},

		// Lists at the root.
		{url: "articles", takes: "select top skip count search"},
		{url: "intelProfiles", takes: "select top skip count search filter=kind+eq+'actor' orderby=title"},
		{url: "sslCertificates", takes: `search="sha1:x"`, status: 400},
		{url: `sslCertificates?$search="sha1:x"`, takes: "select top skip count orderby"},
		{url: "whoisRecords", takes: `search="abuse/email:x"`, status: 400},
		{url: `whoisRecords?$search="abuse/email:x"`, takes: "select top skip count orderby=host/id"},
	}
	token := e.AppToken()
	for _, row := range rows {
		t.Run(row.url, func(t *testing.T) {
			status := max(row.status, 200)
			if got := fetch(t, s, "GET", ti+encode(row.url), token, ""); got.status != status {
				t.Errorf("%d, want %d: %s", got.status, status, got.body)
			}
			for option, value := range values {
				if strings.Contains(row.url, "$"+option) {
					continue
				}
				want := 400
				for _, taken := range strings.Fields(row.takes) {
					if name, own, _ := strings.Cut(taken, "="); name == option {
						want = 200
						if own != "" {
							value = strings.ReplaceAll(own, "+", " ")
						}
					}
				}
				checkOption(t, s, token, row.url, option, value, want, row.status != 0)
			}
		})
	}
}

// checkOption sends the request with one more option.
func checkOption(t *testing.T, s *emulator.Server, token, path, option, value string, want int, lacking bool) {
	t.Helper()
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	got := fetch(t, s, "GET", ti+encode(path)+join+"$"+option+"="+url.QueryEscape(value), token, "")
	if got.status != want {
		t.Errorf("$%s=%s: %d, want %d: %s", option, value, got.status, want, got.body)
	}
	stable := "is not allowed"
	if lacking {
		stable = "" // the error may be about the missing $search
	}
	if want == 400 {
		wantRefusal(t, got.body, "BadRequest", stable)
	}
}

func encode(path string) string {
	return strings.NewReplacer(`"`, "%22", " ", "%20").Replace(path)
}

// TestNoSuchLists requests what the resource page calls "not supported yet", and what only the metadata has.
func TestNoSuchLists(t *testing.T) {
	e, s := started(t)
	host, port := e.HostIDs()[0], e.PortIDs()[0]
	for _, path := range []string{
		"articleIndicators", "hostComponents", "hostCookies", "hostPairs", "hostPorts", "hostSslCertificates", "hostTrackers",
		"hosts", "intelligenceProfileIndicators", "passiveDnsRecords", "subdomains", "vulnerabilities", "whoisHistoryRecords",
		"hosts/$count", "hosts/", "hostReputations", "vulnerabilityComponents", "hostReputations/x",
		"hostPorts/" + port + "/host", "hostPorts/" + port + "/mostRecentSslCertificate", "hosts/" + host + "/ports/" + port,
		"hosts/" + host + "/reputation/$count", "hosts/" + host + "/ports/$count/x", "hosts//ports", "hosts/" + host + "//",
	} {
		if got := fetch(t, s, "GET", ti+path, e.AppToken(), ""); got.status != 400 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		} else {
			wantRefusal(t, got.body, "BadRequest", "Resource not found for the segment")
		}
	}
	for _, path := range []string{
		"hosts/unknown.example/ports", "hosts/unknown.example/reputation", "hosts/unknown.example/whois",
		"hosts/" + e.HostIDs()[4] + "/whois", "vulnerabilities/CVE-1998-1/components",
		"vulnerabilities/CVE-2021-44228/components/x", "sslCertificates/x/relatedHosts", "hosts/8.8.8.8/whois",
	} {
		if got := fetch(t, s, "GET", ti+path, e.AppToken(), ""); got.status != 404 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		} else {
			wantRefusal(t, got.body, "NotFound", "")
		}
	}
}

func TestKeysInParentheses(t *testing.T) {
	e, s := started(t)
	for paths, want := range map[string]string{
		"hosts('192.0.2.1')/ports": "hosts/192.0.2.1/ports", "HOSTS('192.0.2.1')/WHOIS/history": "hosts/192.0.2.1/whois/history",
		"hosts(%27192.0.2.1%27)/Reputation": "hosts/192.0.2.1/reputation", "hosts('192.0.2.1')/ports/$count": "hosts/192.0.2.1/ports/$count",
		"vulnerabilities('cve-2021-44228')/articles": "vulnerabilities/CVE-2021-44228/articles",
	} {
		a, b := fetch(t, s, "GET", ti+paths, e.AppToken(), ""), fetch(t, s, "GET", ti+want, e.AppToken(), "")
		if a.status != 200 || a.body != b.body {
			t.Errorf("%s: %d %.200s, want %.200s", paths, a.status, a.body, b.body)
		}
	}
}
