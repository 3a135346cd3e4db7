package world

// HostIDs returns the ids of the generated hosts, always in the same order.
func (w *World) HostIDs() []string { return append([]string(nil), w.hosts...) }

// PortIDs returns the ids of the hostPorts that every generated host has, host by host, always in the same order.
func (w *World) PortIDs() []string {
	ids := make([]string, 0, len(w.hosts)*len(services))
	for _, host := range w.hosts {
		ids = append(ids, w.PortsOf(host)...)
	}
	return ids
}

// PortsOf returns the ids of the eight hostPorts that every generated host has. The first five present a certificate.
// Some hosts have more, see [World.List].
func (w *World) PortsOf(hostID string) []string {
	if n, ok := w.hostNumber[hostID]; !ok || n >= w.size {
		return nil
	}
	var ids []string
	for i := range services {
		ids = append(ids, services[i].portID(hostID))
	}
	return ids
}

// CertificateIDs returns the ids of the sslCertificates on the usual ports of the generated hosts. If there are more
// than ten hosts, several present each certificate; the first ten hosts present ten different ones.
func (w *World) CertificateIDs() []string {
	return append([]string(nil), w.certificates[:w.certs]...)
}

// HuntCertificateIDs returns the ids of the sslCertificates of simulated team servers. All have the serial number
// [HuntSerialNumber].
func (w *World) HuntCertificateIDs() []string {
	return append([]string(nil), w.certificates[w.certs:w.certs+w.hunts]...)
}

// VulnerabilityIDs returns the ids of the vulnerabilities, the published one first.
func (w *World) VulnerabilityIDs() []string {
	return append([]string{exampleVulnID}, w.flaws...)
}

// ComponentIDs returns the ids of the hostComponents on the usual ports of the generated hosts.
func (w *World) ComponentIDs() []string {
	var ids []string
	for _, host := range w.hosts {
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

// ChainPortID returns the id of a hostPort from which every relation leads on: its host is an address with more than 25
// names in reverse passive DNS, with host pairs in both directions, certificates, components, a WHOIS record and a
// reputation, and its certificate belongs to more than 20 hosts, if the world has 32 or more. It is empty in a world
// without hosts.
func (w *World) ChainPortID() string {
	if w.size == 0 {
		return ""
	}
	return fleetService.portID(w.hosts[0])
}

// Samples returns the ids in each list of two hosts, an address and a name, and of one entity of every other kind that
// has lists, by the path of the list. Empty lists are left out.
func (w *World) Samples() map[string][]string {
	all := map[string][]string{}
	for owner, ids := range map[string][]string{
		"hosts":           append(at(w.hosts, 0), at(w.hosts, 2)...), // the third is the first name
		"sslCertificates": at(w.HuntCertificateIDs(), 0),
		"articles":        at(w.articles, 0),
		"intelProfiles":   at(w.profiles, 0),
		"vulnerabilities": {exampleVulnID},
	} {
		for _, id := range ids {
			for _, e := range w.model.Below(owner) {
				path := owner + "/" + id + "/" + e.Name
				if ids := w.List(path); len(ids) > 0 {
					all[path] = ids
				}
			}
		}
	}
	return all
}

// at returns the id at an index, if there is one.
func at(ids []string, index int) []string {
	if index >= len(ids) {
		return nil
	}
	return []string{ids[index]}
}
