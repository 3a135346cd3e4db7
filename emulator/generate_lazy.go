package emulator

import (
	"encoding/base64"
	"strings"
)

// make makes the entity of that key if it is one of the generated world. It reports whether it may have.
func (e *Emulator) make(set, key string) bool {
	w := &e.world
	if n, ok := w.certNumber[key]; ok && set == "sslCertificates" {
		w.mu.Lock()
		defer w.mu.Unlock()
		e.makeCertificate(n)
		return true
	}
	f, host := whose(set, key)
	n, ok := w.hostNumber[host]
	if !ok {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	e.makeFamily(f, n)
	return true
}

// whose tells which host a key speaks of, and what of it is meant.
func whose(set, key string) (family, string) {
	if set == "hosts" {
		return familyHost, key
	}
	text, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return 0, ""
	}
	parts := strings.Split(string(text), "$$")
	switch {
	case set == "hostPorts" && len(parts) == 2:
		return familyPorts, parts[0]
	case set == "hostComponents" && len(parts) == 4:
		return familyPorts, parts[3]
	case set == "hostCookies" && len(parts) == 3:
		return familyWeb, parts[2]
	case set == "hostTrackers":
		_, rest, _ := strings.Cut(string(text), trackerMark)
		_, host, _ := strings.Cut(rest, trackerMark)
		return familyWeb, host
	case set == "subdomains" && len(parts) == 2:
		return familyWeb, parts[1]
	case set == "hostPairs" && len(parts) == 4:
		return familyPairs, parts[1]
	case set == "passiveDnsRecords" && len(parts) == 3:
		return familyDNS, parts[0]
	case set == "hostSslCertificates" && len(text) > len(shownMark)+len(digest(0)):
		return familyShown, string(text[:len(text)-len(shownMark)-len(digest(0))])
	case (set == "whoisRecords" || set == "whoisHistoryRecords") && len(parts) == 2:
		return familyWhois, parts[0]
	default:
		return 0, ""
	}
}

// makeFamily makes what a host has of one kind. The world's lock must be held.
func (e *Emulator) makeFamily(f family, n int) {
	makers := map[family]func(int){
		familyHost: e.makeHost, familyPorts: e.makePorts, familyWeb: e.makeWeb, familyPairs: e.makePairs,
		familyDNS: e.makeDNS, familyShown: e.makeShown, familyWhois: e.makeWhois, familyReputation: e.makeReputation,
	}
	e.world.do(f, n, makers[f])
}

// makeList makes what a list holds. It reports whether the list is one of the generated world.
func (e *Emulator) makeList(r *row, key string) bool {
	w := &e.world
	n, isHost := w.hostNumber[key]
	m, isCert := w.certNumber[key]
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case r.owner == "hosts" && isHost:
		e.makeFamily(familyOfRow[r.name], n)
	case r.owner == "sslCertificates" && isCert:
		w.do(familyRelated, m, e.makeRelated)
	case r.owner == "whoisRecords":
		_, host := whose(r.owner, key)
		if n, isHost = w.hostNumber[host]; isHost {
			e.makeFamily(familyWhois, n)
		}
		return isHost
	default:
		return false
	}
	return true
}

// makeAll makes all of a set that can be searched.
func (e *Emulator) makeAll(p *endpoint) {
	w := &e.world
	w.mu.Lock()
	defer w.mu.Unlock()
	switch p.set {
	case "sslCertificates":
		w.do(familyAll, 0, func(int) {
			for n := range w.certificates {
				e.makeCertificate(n)
			}
		})
	case "whoisRecords":
		w.do(familyAll, 1, func(int) {
			for n := range len(w.hostNumber) {
				e.makeFamily(familyWhois, n)
			}
		})
	}
}

// HostIDs returns the ids of the generated hosts, always in the same order.
func (e *Emulator) HostIDs() []string { return append([]string(nil), e.world.hosts...) }

// PortIDs returns the ids of the hostPorts that each generated host has, host by host, always in the same order.
func (e *Emulator) PortIDs() []string {
	ids := make([]string, 0, len(e.world.hosts)*len(services))
	for _, host := range e.world.hosts {
		ids = append(ids, e.PortsOf(host)...)
	}
	return ids
}

// PortsOf returns the ids of the eight hostPorts that every generated host has; the first five show a certificate. Some
// have more, see [Emulator.List].
func (e *Emulator) PortsOf(hostID string) []string {
	if n, ok := e.world.hostNumber[hostID]; !ok || n >= e.world.size {
		return nil
	}
	var ids []string
	for i := range services {
		ids = append(ids, services[i].portID(hostID))
	}
	return ids
}

// CertificateIDs returns the ids of the sslCertificates on the usual ports of the generated hosts. Each is shown by
// several hosts, if there are more than ten hosts; the first ten hosts show ten.
func (e *Emulator) CertificateIDs() []string {
	return append([]string(nil), e.world.certificates[:e.world.certs]...)
}

// HuntCertificateIDs returns the ids of the sslCertificates that pretended team servers show. All have the serial number
// [HuntSerialNumber].
func (e *Emulator) HuntCertificateIDs() []string {
	w := &e.world
	return append([]string(nil), w.certificates[w.certs:w.certs+w.hunts]...)
}

// VulnerabilityIDs returns the ids of the vulnerabilities, the published one first.
func (e *Emulator) VulnerabilityIDs() []string {
	return append([]string{exampleVulnID}, e.world.flaws...)
}

// ComponentIDs returns the ids of the hostComponents on the usual ports of the generated hosts.
func (e *Emulator) ComponentIDs() []string {
	var ids []string
	for _, host := range e.world.hosts {
		known := map[string]bool{}
		for _, s := range services {
			if id := s.componentID(host); !known[id] {
				known[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// ChainPortID returns the id of a hostPort from which every pivot leads on: its host is an address with more than 25
// names in reverse passive DNS, with host pairs both ways, certificates, components, a WHOIS record and a reputation, and
// its certificate was shown by more than 20 hosts, if the world has 32 or more. It is empty in a world without hosts.
func (e *Emulator) ChainPortID() string {
	if e.world.size == 0 {
		return ""
	}
	return fleetService.portID(e.world.hosts[0])
}
