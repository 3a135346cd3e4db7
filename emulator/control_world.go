package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// controlWorld lists ids: all of some sets, and of the others those that hang on two hosts, an address and a name.
func (e *Emulator) controlWorld(w http.ResponseWriter, _ *http.Request) {
	control(w, http.StatusOK, map[string]any{
		"hosts": e.HostIDs(), "hostPorts": e.PortIDs(), "sslCertificates": e.CertificateIDs(),
		"hostComponents": e.ComponentIDs(), "articles": e.List("articles"), "intelProfiles": e.List("intelProfiles"),
		"vulnerabilities": e.VulnerabilityIDs(), "huntCertificates": e.HuntCertificateIDs(),
		"huntSerialNumber": HuntSerialNumber, "chainPort": e.ChainPortID(), "lists": e.controlLists(),
		"examples": exampleURLs(),
	})
}

// controlLists lists what each list of two hosts, and of what they lead to, holds.
func (e *Emulator) controlLists() map[string][]string {
	all := map[string][]string{}
	enter := func(owner, id string) {
		for _, r := range e.below[owner] {
			path := owner + "/" + id + "/" + r.name
			if ids := e.List(path); len(ids) > 0 {
				all[path] = ids
			}
		}
	}
	for n, id := range e.world.hosts[:min(3, e.world.size)] {
		if n != 1 { // the first is an address, the third a name
			enter("hosts", id)
		}
	}
	for _, id := range e.HuntCertificateIDs()[:min(1, e.world.hunts)] {
		enter("sslCertificates", id)
	}
	for _, id := range e.world.articles[:min(1, len(e.world.articles))] {
		enter("articles", id)
	}
	for _, id := range e.world.profiles[:min(1, len(e.world.profiles))] {
		enter("intelProfiles", id)
	}
	enter("vulnerabilities", exampleVulnID)
	return all
}

func exampleURLs() []string {
	var urls []string
	for _, ex := range slices.Concat(entityExamples, listExamples) {
		urls = append(urls, ex.urls...)
	}
	return urls
}

// controlList shows what a list holds, or changes it.
func (e *Emulator) controlList(w http.ResponseWriter, r *http.Request, path string) {
	if raw, _, _ := strings.Cut(r.RequestURI, "?"); strings.Contains(raw, "/lists/") {
		_, path, _ = strings.Cut(raw, "/lists/") // keys stay escaped
	}
	switch r.Method {
	case http.MethodGet:
		control(w, http.StatusOK, map[string]any{"ids": append([]string{}, e.List(path)...)})
	case http.MethodPut:
		var ids []string
		if !controlBody(w, r, &ids) {
			return
		}
		if err := e.PutList(path, ids...); err != nil {
			controlError(w, http.StatusNotFound, err.Error())
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		controlError(w, http.StatusMethodNotAllowed, "GET a list, or PUT an array of ids")
	}
}
