package emulator

import "fmt"

// A resolution is a fact of passive DNS: a name led to something.
type resolution struct {
	name   int    // number of the host that was asked for
	kind   string // "A", "AAAA", "CNAME" or "TXT"
	target int    // number of the host that it led to
	text   string // … or the text
}

// resolves lists what a name led to.
func (w *world) resolves(n int) []resolution {
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
	return append(all, resolution{name: n, kind: "TXT", text: fmt.Sprintf("v=spf1 include:%s -all", domains[n%len(domains)])})
}

// resolvedFrom lists what led to a host: resolves, the other way round.
func (w *world) resolvedFrom(n int) []resolution {
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

// recordType is the type of a record that leads to an address.
func (w *world) recordType(n int) string {
	for _, r := range w.hostID(n) {
		if r == ':' {
			return "AAAA"
		}
	}
	return "A"
}

// makeDNS makes the passive DNS records of a host, both ways.
func (e *Emulator) makeDNS(n int) {
	w := &e.world
	var forward, reverse []string
	for _, r := range w.resolves(n) {
		forward = append(forward, e.makeRecord(r, false))
	}
	for _, r := range w.resolvedFrom(n) {
		reverse = append(reverse, e.makeRecord(r, true))
	}
	e.enlist("hosts", "passiveDns", w.hostID(n), forward)
	e.enlist("hosts", "passiveDnsReverse", w.hostID(n), reverse)
}

// makeRecord makes the record of a fact as one of its ends has it. Type and times are the same at both.
func (e *Emulator) makeRecord(r resolution, reverse bool) string {
	w := &e.world
	before := w.dice
	defer func() { w.dice = before }()
	w.roll(1<<6|uint64(r.target)<<8, uint64(r.name))
	seen, last := w.span()
	parent, to := r.name, r.target
	if reverse {
		parent, to = to, parent
	}
	artifact := fmt.Sprintf(`{"@odata.type":%q,"id":%q}`, w.hostType(to), w.hostID(to))
	end := w.hostID(to)
	if r.text != "" {
		end = r.text
		artifact = unclassified("text", r.text)
	}
	w.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"collectedDateTime":%[3]q,"recordType":%[4]q,`+
		`"parentHost":{"id":%q},"artifact":%s}`, encoded(w.hostID(parent), end, fmt.Sprint(reverse)), seen, last, r.kind,
		w.hostID(parent), artifact)
	return e.keep("passiveDnsRecords").id
}

// unclassified renders an artifact that is no host. It has no URL, so it stands whole where it is referred to.
func unclassified(kind, value string) string {
	return fmt.Sprintf(`{"@odata.type":"#%sunclassifiedArtifact","id":%q,"kind":%q,"value":%[2]q}`, namespace, value, kind)
}
