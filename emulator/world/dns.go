package world

import (
	"fmt"

	"portico/emulator/odata"
)

// A resolution is a fact of passive DNS: a name resolved to something.
type resolution struct {
	name   int    // number of the host that was looked up
	kind   string // "A", "AAAA", "CNAME" or "TXT"
	target int    // number of the host that it resolved to
	text   string // of a TXT record; then there is no target
}

// resolves returns what a name resolved to.
func (w *numbers) resolves(n int) []resolution {
	switch {
	case n >= w.size+castSites:
		return nil
	case n >= w.size:
		return []resolution{{name: n, kind: "A", target: 0}}
	case !w.isName(n):
		return nil
	}
	var all []resolution
	for _, to := range []int{n - 2, n - 1, n + 1} {
		if to < w.size {
			all = append(all, resolution{name: n, kind: w.recordType(to), target: to})
		}
	}
	if to := n + 4; n%12 == 2 && to < w.size {
		all = append(all, resolution{name: n, kind: "CNAME", target: to})
	}
	return append(all, resolution{
		name: n, kind: "TXT",
		text: fmt.Sprintf("v=spf1 include:%s -all", domains[n%len(domains)]),
	})
}

// resolvedFrom returns what resolved to a host. It is the inverse of resolves.
func (w *numbers) resolvedFrom(n int) []resolution {
	var all []resolution
	near := []int{n - 4, n - 1, n + 1, n + 2}
	if n == 0 {
		for site := range castSites {
			near = append(near, w.size+site)
		}
	}
	for _, name := range near {
		if name < 0 || n >= w.size {
			continue
		}
		for _, r := range w.resolves(name) {
			if r.text == "" && r.target == n {
				all = append(all, r)
			}
		}
	}
	return all
}

// recordType returns the type of a record that resolves to the address.
func (w *numbers) recordType(n int) string {
	for _, r := range w.hostID(n) {
		if r == ':' {
			return "AAAA"
		}
	}
	return "A"
}

// makeDNS makes the passive DNS records of a host in both directions.
func (g *generator) makeDNS(n int) {
	var forward, reverse []string
	for _, r := range g.resolves(n) {
		forward = append(forward, g.makeRecord(r, false))
	}
	for _, r := range g.resolvedFrom(n) {
		reverse = append(reverse, g.makeRecord(r, true))
	}
	g.enlist("hosts", "passiveDns", g.hostID(n), forward)
	g.enlist("hosts", "passiveDnsReverse", g.hostID(n), reverse)
}

// makeRecord makes the record of a fact at one of its two ends, and returns its id. Both records have the same type and
// times.
func (g *generator) makeRecord(r resolution, reverse bool) string {
	var seen, last string
	g.seeded(seedResolution|uint64(r.target)<<8, uint64(r.name), func() { seen, last = g.span() })
	parent, to := r.name, r.target
	if reverse {
		parent, to = to, parent
	}
	artifact := fmt.Sprintf(`{"@odata.type":%q,"id":%q}`, g.hostType(to), g.hostID(to))
	end := g.hostID(to)
	if r.text != "" {
		end = r.text
		artifact = unclassified("text", r.text)
	}
	g.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"collectedDateTime":%[3]q,"recordType":%[4]q,`+
		`"parentHost":{"id":%q},"artifact":%s}`, encoded(g.hostID(parent), end, fmt.Sprint(reverse)), seen, last, r.kind,
		g.hostID(parent), artifact)
	return g.keep("passiveDnsRecords")
}

// unclassified returns an artifact that is not a host, as JSON. It has no URL, so each reference contains all of it.
func unclassified(kind, value string) string {
	return fmt.Sprintf(`{"@odata.type":"#%s","id":%q,"kind":%q,"value":%[2]q}`, odata.FullName("unclassifiedArtifact"),
		value, kind)
}
