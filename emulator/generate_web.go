package emulator

import (
	"encoding/base64"
	"fmt"
	"slices"
)

// trackerMark stands between the parts of a hostTracker's id.
const trackerMark = "92410"

// makeWeb makes the cookies, trackers and subdomains of a host.
func (e *Emulator) makeWeb(n int) {
	w := &e.world
	host := w.hostID(n)
	var cookies, trackers, subdomains []string
	if n < w.size {
		cookies = e.makeCookies(n, host)
		trackers = e.makeTrackers(n, host)
		subdomains = e.makeSubdomains(n, host)
	}
	e.enlist("hosts", "cookies", host, cookies)
	e.enlist("hosts", "trackers", host, trackers)
	e.enlist("hosts", "subdomains", host, subdomains)
}

func (e *Emulator) makeCookies(n int, host string) []string {
	w := &e.world
	var ids []string
	for _, name := range []string{"session", "consent", "basket"}[:1+n%3] {
		seen, last := w.span()
		w.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"domain":%q,"name":%q,"host":{"id":%[6]q}}`,
			encoded(host, name, host), seen, last, host, name, host)
		ids = append(ids, e.keep("hostCookies").id)
	}
	return ids
}

// makeTrackers gives some hosts a number in common, so that it links them.
func (e *Emulator) makeTrackers(n int, host string) []string {
	w := &e.world
	var ids []string
	for _, kind := range []string{"ExampleAnalyticsId", "SampleTagId"}[:1+n%2] {
		value := fmt.Sprintf("tracker-%d", n%11)
		id := base64.StdEncoding.EncodeToString([]byte(value + trackerMark + kind + trackerMark + host))
		seen, last := w.span()
		w.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"kind":%q,"value":%q,"host":{"id":%q}}`,
			id, seen, last, kind, value, host)
		ids = append(ids, e.keep("hostTrackers").id)
	}
	return ids
}

// makeSubdomains makes names below a name. Their ids are the text that the page asks with, not the GUID that it shows:
// so they can be asked for again.
func (e *Emulator) makeSubdomains(n int, host string) []string {
	w := &e.world
	var ids []string
	if !w.isName(n) {
		return nil
	}
	for _, label := range []string{"login", "mail", "static"} {
		seen, _ := w.span()
		w.write(`{"id":%q,"firstSeenDateTime":%q,"host":{"id":%q}}`, encoded(label+"."+host, host), seen, host)
		ids = append(ids, e.keep("subdomains").id)
	}
	return ids
}

// links are how many hosts further each host's links lead, and of what kind they are.
var links = []struct {
	by   int
	kind string
}{{1, "script.src"}, {2, "redirect"}, {5, "link.href"}, {9, "iframe.src"}}

// makePairs makes the pairs in which a host is the parent, and those in which it is the child.
func (e *Emulator) makePairs(n int) {
	w := &e.world
	host := w.hostID(n)
	var child, parent []string
	for i, l := range links {
		if n >= w.size || l.by >= w.size {
			continue
		}
		child = append(child, e.makePair(i, n))
		parent = append(parent, e.makePair(i, (n-l.by+w.size)%w.size))
	}
	e.enlist("hosts", "childHostPairs", host, child)
	e.enlist("hosts", "parentHostPairs", host, parent)
	e.enlist("hosts", "hostPairs", host, slices.Concat(child, parent))
}

// makePair makes the pair of a link from the host of that number. It is the same whichever end asks.
func (e *Emulator) makePair(link, from int) string {
	w := &e.world
	before := w.dice
	defer func() { w.dice = before }()
	w.roll(1<<7|uint64(link), uint64(from))
	seen, last := w.span()
	l := links[link]
	parent, child := w.hostID(from), w.hostID((from+l.by)%w.size)
	w.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"linkKind":%q,"parentHost":{"id":%q},`+
		`"childHost":{"id":%q}}`, encoded(l.kind, parent, child, child), seen, last, l.kind, parent, child)
	return e.keep("hostPairs").id
}
