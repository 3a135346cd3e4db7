package world

import (
	"encoding/base64"
	"strings"

	"portico/emulator/odata"
)

// A family is what is made for a host in one go, because its parts refer to one another.
type family struct {
	seed  uint64
	make  func(g *generator, n int)
	lists []string // below the host

	// hosts returns the id of the host from the decoded id of an entity, by set; "" if the id has another form.
	hosts map[string]func(id string) string
}

// families are all families of hosts.
var families = []family{
	{seed: seedHost, make: (*generator).makeHost},
	{
		seed: seedPorts, make: (*generator).makePorts, lists: []string{"ports", "components"},
		hosts: map[string]func(string) string{"hostPorts": part(0, 2), "hostComponents": part(3, 4)},
	},
	{
		seed: seedWeb, make: (*generator).makeWeb, lists: []string{"cookies", "trackers", "subdomains"},
		hosts: map[string]func(string) string{
			"hostCookies": part(2, 3), "hostTrackers": hostOfTracker, "subdomains": part(1, 2),
		},
	},
	{
		seed: seedPairs, make: (*generator).makePairs, lists: []string{"hostPairs", "childHostPairs", "parentHostPairs"},
		hosts: map[string]func(string) string{"hostPairs": part(1, 4)},
	},
	{
		seed: seedDNS, make: (*generator).makeDNS, lists: []string{"passiveDns", "passiveDnsReverse"},
		hosts: map[string]func(string) string{"passiveDnsRecords": part(0, 3)},
	},
	{
		seed: seedShown, make: (*generator).makeShown, lists: []string{"sslCertificates"},
		hosts: map[string]func(string) string{"hostSslCertificates": hostOfShowing},
	},
	{
		seed: seedWhois, make: (*generator).makeWhois, lists: []string{"whois", odata.HistoryOfHost},
		hosts: map[string]func(string) string{"whoisRecords": part(0, 2), "whoisHistoryRecords": part(0, 2)},
	},
	{seed: seedReputation, make: (*generator).makeReputation, lists: []string{"reputation"}},
}

// familyOf holds the family by the name of a list below hosts, and by the set of its entities.
var familyOf, familyOfSet = byName()

func byName() (lists, sets map[string]family) {
	lists, sets = map[string]family{}, map[string]family{"hosts": families[0]}
	for _, f := range families {
		for _, name := range f.lists {
			lists[name] = f
		}
		for set := range f.hosts {
			sets[set] = f
		}
	}
	return lists, sets
}

// part returns a function that returns one part of an id with that many parts.
func part(index, parts int) func(string) string {
	return func(id string) string {
		if all := strings.Split(id, "$$"); len(all) == parts {
			return all[index]
		}
		return ""
	}
}

func hostOfTracker(id string) string {
	_, rest, _ := strings.Cut(id, trackerMark)
	_, host, _ := strings.Cut(rest, trackerMark)
	return host
}

// hostOfShowing cuts the mark and the sha1 off, since a host may contain the mark.
func hostOfShowing(id string) string {
	const sha1Length = 40
	return id[:max(0, len(id)-len(shownMark)-sha1Length)]
}

// hostOf returns the number of the host that an entity of a set belongs to, judging by its id.
func (g *generator) hostOf(set, id string) (n int, ok bool) {
	if set == "hosts" {
		n, ok = g.hostNumber[id]
		return n, ok
	}
	text, err := base64.StdEncoding.DecodeString(id)
	host := familyOfSet[set].hosts[set]
	if err != nil || host == nil {
		return 0, false
	}
	n, ok = g.hostNumber[host(string(text))]
	return n, ok
}

// makeFamily makes what a family has for a host. The generator must be locked.
func (g *generator) makeFamily(f family, n int) {
	g.once(f.seed, n, func(n int) { f.make(g, n) })
}

// makeEntity makes the entity with that id if the generated world may have it. It reports whether it may.
func (g *generator) makeEntity(set, id string) bool {
	m, isCertificate := g.certNumber[id]
	isCertificate = isCertificate && set == "sslCertificates"
	n, ok := g.hostOf(set, id)
	if !ok && !isCertificate {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if isCertificate {
		g.makeCertificate(m)
	} else {
		g.makeFamily(familyOfSet[set], n)
	}
	return true
}

// makeList makes the items of a list. It reports whether the list is one of the generated world.
func (g *generator) makeList(e *odata.Endpoint, key string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch e.Owner {
	case "hosts":
		f, known := familyOf[e.Name]
		n, ok := g.hostNumber[key]
		if known && ok {
			g.makeFamily(f, n)
		}
		return known && ok
	case "sslCertificates":
		m, ok := g.certNumber[key]
		if ok {
			g.once(seedRelated, m, g.makeRelated)
		}
		return ok
	case "whoisRecords":
		n, ok := g.hostOf(e.Owner, key)
		if ok {
			g.makeFamily(familyOfSet[e.Owner], n)
		}
		return ok
	default:
		return false
	}
}

// makeAll makes all entities of a set that can be searched.
func (g *generator) makeAll(set string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch set {
	case "sslCertificates":
		g.once(seedAll, 0, func(int) {
			for m := range g.certificates {
				g.makeCertificate(m)
			}
		})
	case "whoisRecords":
		g.once(seedAll, 1, func(int) {
			for n := range len(g.hostNumber) {
				g.makeFamily(familyOfSet[set], n)
			}
		})
	}
}
