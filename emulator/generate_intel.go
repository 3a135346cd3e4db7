package emulator

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// How much is written about the world, however large it is.
const (
	articleCount = 24
	profileCount = 8
	flawCount    = 6
)

// makeIntel makes articles, intelligence profiles and vulnerabilities with what hangs on them. There are few, and what
// they tell of is the hosts with the lowest numbers.
func (e *Emulator) makeIntel() {
	w := &e.world
	for n := range articleCount {
		w.articles = append(w.articles, fmt.Sprintf("%08x", 0xa0000000+n*0x1234567&0x0fffffff))
	}
	for n := range articleCount {
		w.do(familyIntel, n, e.makeArticle)
	}
	for n := range profileCount {
		w.do(familyIntel, 1_000+n, func(int) { e.makeProfile(n) })
	}
	for n := range flawCount {
		w.do(familyIntel, 2_000+n, func(int) { e.makeFlaw(n) })
	}
	e.enlist("", "articles", "", w.articles)
	e.enlist("", "intelProfiles", "", w.profiles)
}

// artifactOf is the n-th thing that articles and profiles tell of: a host of the world, or every fourth time a file.
func (w *world) artifactOf(n int) (id, text string) {
	if n%4 == 3 {
		id = fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "file %d of the generated world", n)))
		return id, unclassified("hash_sha256", id)
	}
	host := n % w.size
	id = w.hostID(host)
	return id, fmt.Sprintf(`{"@odata.type":%q,"id":%q}`, w.hostType(host), id)
}

var sources = []string{"microsoft", "osint", "public"}

func (e *Emulator) makeArticle(n int) {
	w := &e.world
	var indicators []string
	for i := range 3 + n%4 {
		artifact, text := w.artifactOf(n*3 + i)
		id := encoded(artifact)
		w.write(`{"id":%q,"source":%q,"artifact":%s}`, id, sources[(n*3+i)%3], text)
		indicators = append(indicators, e.keep("articleIndicators").id)
	}
	created := epoch.AddDate(3, n, n)
	subject := []string{"phishing", "ransomware", "skimming", "team servers"}[n%4]
	flaw := flawID(n % flawCount)
	w.write(`{"id":%q,"createdDateTime":%q,"lastUpdatedDateTime":%q,"title":"Example report %d: %s",`+
		`"summary":{"content":"An invented report on %[5]s, written for tests.","format":"text"},"isFeatured":%[6]t,`+
		`"body":{"content":"## Summary\r\nInvented infrastructure was seen in %[5]s. It used %[7]s.","format":"markdown"},`+
		`"tags":["Example","report-%[4]d"],"imageUrl":null}`, w.articles[n], created.Format(dotThree),
		created.AddDate(0, 0, n%5).Format(dotThree), n, subject, n%8 == 0, flaw)
	e.keep("articles")
	e.enlist("articles", "indicators", w.articles[n], indicators)
}

func (e *Emulator) makeProfile(n int) {
	w := &e.world
	id := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "profile %d of the generated world", n)))
	var indicators []string
	for i := range 4 + n%3 {
		_, text := w.artifactOf(n*5 + i)
		seen, last := w.span()
		w.write(`{"id":%q,"source":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"artifact":%s}`,
			w.guid(), sources[(n+i)%3], seen, last, text)
		indicators = append(indicators, e.keep("intelligenceProfileIndicators").id)
	}
	kind, title := "actor", fmt.Sprintf("Example Blizzard %d", n)
	if n%2 == 1 {
		kind, title = "tool", fmt.Sprintf("Sample Loader %d", n)
	}
	w.write(`{"id":%q,"kind":%q,"title":%q,"firstActiveDateTime":%q,"aliases":["EXAMPLE-%[5]d"],`+
		`"targets":["Government Agencies & Services: Defense"],"countriesOrRegionsOfOrigin":[{"label":"Exampleland",`+
		`"code":"ZZ"}],"summary":{"content":"%[3]s is invented.","format":"text"},"description":{"content":`+
		`"## Snapshot\r\n%[3]s is invented, for tests.","format":"markdown"},"tradecraft":{"content":"None.","format":"markdown"}}`,
		id, kind, strings.Trim(title, `"`), epoch.AddDate(0, n*5, 0).Format(noDot), n)
	e.keep("intelProfiles")
	w.profiles = append(w.profiles, id)
	e.enlist("intelProfiles", "indicators", id, indicators)
}

// flawID names a vulnerability of a year in which none was numbered.
func flawID(n int) string { return fmt.Sprintf("CVE-1998-%d", 9001+n) }

func (e *Emulator) makeFlaw(n int) {
	w := &e.world
	id := flawID(n)
	published := epoch.AddDate(1, n, n)
	severity := []string{"low", "medium", "high", "critical"}[n%4]
	score := []float64{3.1, 5.5, 7.8, 9.8}[n%4]
	w.write(`{"id":%q,"createdDateTime":%q,"lastModifiedDateTime":%q,"publishedDateTime":%[2]q,"description":{"content":`+
		`"An invented flaw of the Example Web Server.","format":"markdown"},"remediation":null,"priorityScore":%[4]d,`+
		`"severity":%[5]q,"commonWeaknessEnumerationIds":["CWE-20"],"cvss2Summary":{"score":%[6]g,"severity":%[5]q,`+
		`"vectorString":null},"cvss3Summary":{"score":%[6]g,"severity":%[5]q,`+
		`"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},"hasChatter":%[7]t,"exploitsAvailable":%[7]t,`+
		`"activeExploitsObserved":false,"exploits":[],"references":[{"name":"Example advisory","url":"https://news.example/%[1]s"}]}`,
		id, published.Format(dotThree), published.AddDate(0, 2, 0).Format(dotThree), 10+n*15, severity, score, n%2 == 0)
	e.keep("vulnerabilities")
	w.flaws = append(w.flaws, id)
	e.enlist("vulnerabilities", "components", id, e.makeFlawComponents(id, "Example Web Server 2.4.1", "Sample Shell 9.6p1"))
	e.enlist("vulnerabilities", "articles", id, w.articlesOn(n))
}

// articlesOn lists the articles that name a vulnerability.
func (w *world) articlesOn(n int) []string {
	var ids []string
	for i := n; i < len(w.articles); i += flawCount {
		ids = append(ids, w.articles[i])
	}
	return ids
}

// flawMark stands between the parts of a vulnerabilityComponent's id.
const flawMark = "71409"

func (e *Emulator) makeFlawComponents(flaw string, names ...string) []string {
	var ids []string
	for _, name := range names {
		e.world.write(`{"id":%q,"name":%q}`, encoded(strings.ToLower(flaw)+flawMark+name), name)
		ids = append(ids, e.keep("vulnerabilityComponents").id)
	}
	return ids
}
