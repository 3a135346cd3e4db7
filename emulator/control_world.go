package emulator

import (
	"net/http"
	"slices"
	"strings"

	"portico/emulator/world"
)

// controlWorld lists ids: all ids of some sets, and of the other sets those that two hosts lead to, an address and a
// name.
func (e *Emulator) controlWorld(w http.ResponseWriter, _ *http.Request) {
	control(w, http.StatusOK, map[string]any{
		"hosts": e.HostIDs(), "hostPorts": e.PortIDs(), "sslCertificates": e.CertificateIDs(),
		"hostComponents": e.ComponentIDs(), "articles": e.List("articles"), "intelProfiles": e.List("intelProfiles"),
		"vulnerabilities": e.VulnerabilityIDs(), "huntCertificates": e.HuntCertificateIDs(),
		"huntSerialNumber": world.HuntSerialNumber, "chainPort": e.ChainPortID(), "lists": e.Samples(),
		"examples": exampleURLs(),
	})
}

// controlList returns the ids in a list, or replaces them.
func (e *Emulator) controlList(w http.ResponseWriter, r *http.Request) {
	raw, _, _ := strings.Cut(r.RequestURI, "?") // keys stay escaped
	if !strings.Contains(raw, "/lists/") {
		raw = r.URL.EscapedPath() // in process
	}
	_, path, _ := strings.Cut(raw, "/lists/")
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
		controlError(w, http.StatusMethodNotAllowed, "Allowed: GET a list, or PUT an array of ids.")
	}
}

// exampleURLs returns the requests that the published examples are the responses to.
func exampleURLs() []string {
	var urls []string
	for _, of := range world.Examples() {
		urls = append(urls, of...)
	}
	slices.Sort(urls)
	return urls
}
