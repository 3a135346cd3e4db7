package world

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// The number of reports, whatever the size of the world.
const (
	articleCount = 24
	profileCount = 8
	flawCount    = 6
)

// makeIntel makes articles, intelligence profiles and vulnerabilities with their lists. They are about the hosts with
// the lowest numbers.
func (g *generator) makeIntel() {
	for n := range articleCount {
		g.articles = append(g.articles, fmt.Sprintf("%08x", 0xa0000000+n*0x1234567&0x0fffffff))
	}
	for n := range articleCount {
		g.once(seedIntel, n, g.makeArticle)
	}
	for n := range profileCount {
		g.once(seedIntel, 1_000+n, func(int) { g.makeProfile(n) })
	}
	for n := range flawCount {
		g.once(seedIntel, 2_000+n, func(int) { g.makeFlaw(n) })
	}
	g.enlist("", "articles", "", g.articles)
	g.enlist("", "intelProfiles", "", g.profiles)
}

// artifactOf returns the id and the JSON of an indicator's artifact: a host of the world, or every fourth time a file.
func (g *generator) artifactOf(n int) (id, text string) {
	if n%4 == 3 {
		id = fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "file %d of the generated world", n)))
		return id, unclassified("hash_sha256", id)
	}
	host := n % g.size
	id = g.hostID(host)
	return id, fmt.Sprintf(`{"@odata.type":%q,"id":%q}`, g.hostType(host), id)
}

var sources = []string{"microsoft", "osint", "public"}

func (g *generator) makeArticle(n int) {
	var indicators []string
	for i := range 3 + n%4 {
		artifact, text := g.artifactOf(n*3 + i)
		id := encoded(artifact)
		g.write(`{"id":%q,"source":%q,"artifact":%s}`, id, sources[(n*3+i)%3], text)
		indicators = append(indicators, g.keep("articleIndicators"))
	}
	created := epoch.AddDate(3, n, n)
	subject := []string{"phishing", "ransomware", "skimming", "team servers"}[n%4]
	flaw := flawID(n % flawCount)
	g.write(`{"id":%q,"createdDateTime":%q,"lastUpdatedDateTime":%q,"title":"Example report %d: %s",`+
		`"summary":{"content":"An invented report on %[5]s, written for tests.","format":"text"},"isFeatured":%[6]t,`+
		`"body":{"content":"## Summary\r\nInvented infrastructure was seen in %[5]s. It used %[7]s.","format":"markdown"},`+
		`"tags":["Example","report-%[4]d"],"imageUrl":null}`, g.articles[n], created.Format(dotThree),
		created.AddDate(0, 0, n%5).Format(dotThree), n, subject, n%8 == 0, flaw)
	g.keep("articles")
	g.enlist("articles", "indicators", g.articles[n], indicators)
}

func (g *generator) makeProfile(n int) {
	id := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "profile %d of the generated world", n)))
	var indicators []string
	for i := range 4 + n%3 {
		_, text := g.artifactOf(n*5 + i)
		seen, last := g.span()
		g.write(`{"id":%q,"source":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"artifact":%s}`,
			g.guid(), sources[(n+i)%3], seen, last, text)
		indicators = append(indicators, g.keep("intelligenceProfileIndicators"))
	}
	kind, title := "actor", fmt.Sprintf("Example Blizzard %d", n)
	if n%2 == 1 {
		kind, title = "tool", fmt.Sprintf("Sample Loader %d", n)
	}
	g.write(`{"id":%q,"kind":%q,"title":%q,"firstActiveDateTime":%q,"aliases":["EXAMPLE-%[5]d"],`+
		`"targets":["Government Agencies & Services: Defense"],"countriesOrRegionsOfOrigin":[{"label":"Exampleland",`+
		`"code":"ZZ"}],"summary":{"content":"%[3]s is invented.","format":"text"},"description":{"content":`+
		`"## Snapshot\r\n%[3]s is invented, for tests.","format":"markdown"},"tradecraft":{"content":"None.","format":"markdown"}}`,
		id, kind, strings.Trim(title, `"`), epoch.AddDate(0, n*5, 0).Format(noDot), n)
	g.keep("intelProfiles")
	g.profiles = append(g.profiles, id)
	g.enlist("intelProfiles", "indicators", id, indicators)
}

// flawID returns the id of an invented vulnerability. No vulnerability was numbered in 1998.
func flawID(n int) string { return fmt.Sprintf("CVE-1998-%d", 9001+n) }

func (g *generator) makeFlaw(n int) {
	id := flawID(n)
	published := epoch.AddDate(1, n, n)
	severity := []string{"low", "medium", "high", "critical"}[n%4]
	score := []float64{3.1, 5.5, 7.8, 9.8}[n%4]
	g.write(`{"id":%q,"createdDateTime":%q,"lastModifiedDateTime":%q,"publishedDateTime":%[2]q,"description":{"content":`+
		`"An invented flaw of the Example Web Server.","format":"markdown"},"remediation":null,"priorityScore":%[4]d,`+
		`"severity":%[5]q,"commonWeaknessEnumerationIds":["CWE-20"],"cvss2Summary":{"score":%[6]g,"severity":%[5]q,`+
		`"vectorString":null},"cvss3Summary":{"score":%[6]g,"severity":%[5]q,`+
		`"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},"hasChatter":%[7]t,"exploitsAvailable":%[7]t,`+
		`"activeExploitsObserved":false,"exploits":[],"references":[{"name":"Example advisory","url":"https://news.example/%[1]s"}]}`,
		id, published.Format(dotThree), published.AddDate(0, 2, 0).Format(dotThree), 10+n*15, severity, score, n%2 == 0)
	g.keep("vulnerabilities")
	g.flaws = append(g.flaws, id)
	g.enlist("vulnerabilities", "components", id,
		g.makeFlawComponents(id, "Example Web Server 2.4.1", "Sample Shell 9.6p1"))
	g.enlist("vulnerabilities", "articles", id, g.articlesOn(n))
}

// articlesOn returns the ids of the articles that name a vulnerability.
func (g *generator) articlesOn(n int) []string {
	var ids []string
	for i := n; i < len(g.articles); i += flawCount {
		ids = append(ids, g.articles[i])
	}
	return ids
}

// flawMark separates the parts of a vulnerabilityComponent's id.
const flawMark = "71409"

func (g *generator) makeFlawComponents(flaw string, names ...string) []string {
	var ids []string
	for _, name := range names {
		g.write(`{"id":%q,"name":%q}`, encoded(strings.ToLower(flaw)+flawMark+name), name)
		ids = append(ids, g.keep("vulnerabilityComponents"))
	}
	return ids
}
