package world

import (
	"encoding/base64"
	"fmt"
	"slices"
)

// trackerMark separates the parts of a hostTracker's id.
const trackerMark = "92410"

// makeWeb makes the cookies, trackers and subdomains of a host.
func (g *generator) makeWeb(n int) {
	host := g.hostID(n)
	var cookies, trackers, subdomains []string
	if n < g.size {
		cookies = g.makeCookies(n, host)
		trackers = g.makeTrackers(n, host)
		subdomains = g.makeSubdomains(n, host)
	}
	g.enlist("hosts", "cookies", host, cookies)
	g.enlist("hosts", "trackers", host, trackers)
	g.enlist("hosts", "subdomains", host, subdomains)
}

func (g *generator) makeCookies(n int, host string) []string {
	var ids []string
	for _, name := range []string{"session", "consent", "basket"}[:1+n%3] {
		seen, last := g.span()
		g.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"domain":%q,"name":%q,"host":{"id":%[6]q}}`,
			encoded(host, name, host), seen, last, host, name, host)
		ids = append(ids, g.keep("hostCookies"))
	}
	return ids
}

// makeTrackers gives some hosts a tracker in common, which links them.
func (g *generator) makeTrackers(n int, host string) []string {
	var ids []string
	for _, kind := range []string{"ExampleAnalyticsId", "SampleTagId"}[:1+n%2] {
		value := fmt.Sprintf("tracker-%d", n%11)
		id := base64.StdEncoding.EncodeToString([]byte(value + trackerMark + kind + trackerMark + host))
		seen, last := g.span()
		g.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"kind":%q,"value":%q,"host":{"id":%q}}`,
			id, seen, last, kind, value, host)
		ids = append(ids, g.keep("hostTrackers"))
	}
	return ids
}

// makeSubdomains makes names below a name. Their ids are in the form that their page requests, not the GUID that its
// response shows, because only the former can be requested again.
func (g *generator) makeSubdomains(n int, host string) []string {
	var ids []string
	if !g.isName(n) {
		return nil
	}
	for _, label := range []string{"login", "mail", "static"} {
		seen, _ := g.span()
		g.write(`{"id":%q,"firstSeenDateTime":%q,"host":{"id":%q}}`, encoded(label+"."+host, host), seen, host)
		ids = append(ids, g.keep("subdomains"))
	}
	return ids
}

// links holds by how many numbers each host's links lead further, and their kind.
var links = []struct {
	by   int
	kind string
}{{1, "script.src"}, {2, "redirect"}, {5, "link.href"}, {9, "iframe.src"}}

// makePairs makes the pairs in which a host is the parent, and those in which it is the child.
func (g *generator) makePairs(n int) {
	host := g.hostID(n)
	var child, parent []string
	for i, l := range links {
		if n >= g.size || l.by >= g.size {
			continue
		}
		child = append(child, g.makePair(i, n))
		parent = append(parent, g.makePair(i, (n-l.by+g.size)%g.size))
	}
	g.enlist("hosts", "childHostPairs", host, child)
	g.enlist("hosts", "parentHostPairs", host, parent)
	g.enlist("hosts", "hostPairs", host, slices.Concat(child, parent))
}

// makePair makes the pair of a link from the host with that number, and returns its id. It is the same from both ends.
func (g *generator) makePair(link, from int) string {
	var seen, last string
	g.seeded(seedPair|uint64(link), uint64(from), func() { seen, last = g.span() })
	l := links[link]
	parent, child := g.hostID(from), g.hostID((from+l.by)%g.size)
	g.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"linkKind":%q,"parentHost":{"id":%q},`+
		`"childHost":{"id":%q}}`, encoded(l.kind, parent, child, child), seen, last, l.kind, parent, child)
	return g.keep("hostPairs")
}
