package world_test

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"portico/emulator/odata"
	"portico/emulator/world"
)

// newWorld returns the default world with that many hosts.
func newWorld(hosts int) *world.World { return world.New(odata.NewModel(false), hosts, 1, false) }

// TestPortsReferToExistingEntities follows the references of every port of a large world, and checks that its hosts are
// reserved for documentation.
func TestPortsReferToExistingEntities(t *testing.T) {
	w := world.New(odata.NewModel(false), 1_600, 7, false)
	type ref struct {
		ID string `json:"id"`
	}
	var port struct {
		Host     ref `json:"host"`
		Cert     ref `json:"mostRecentSslCertificate"`
		Services []struct {
			Component ref `json:"component"`
		} `json:"services"`
	}
	seen := map[string]bool{}
	shown := map[string]bool{}
	for _, id := range w.PortIDs() {
		if seen[id] {
			t.Fatalf("port %s is listed twice", id)
		}
		seen[id] = true
		port.Cert.ID = ""
		if err := json.Unmarshal([]byte(w.Entity("hostPorts", id)), &port); err != nil {
			t.Fatal(err)
		}
		if port.Cert.ID != "" {
			shown[port.Cert.ID] = true
		}
		if w.Entity("hosts", port.Host.ID) == "" || w.Entity("hostComponents", port.Services[0].Component.ID) == "" ||
			port.Cert.ID != "" && w.Entity("sslCertificates", port.Cert.ID) == "" {
			t.Fatalf("port %s refers to an entity that does not exist", id)
		}
	}
	if len(shown) != len(w.CertificateIDs()) {
		t.Errorf("hosts present %d of %d certificates", len(shown), len(w.CertificateIDs()))
	}
	for _, id := range w.HostIDs() {
		if !reserved(id) {
			t.Errorf("host %s is not reserved for documentation", id)
		}
	}
}

// reserved reports whether an address or a name is reserved for documentation: RFC 5737, 3849, 2606, 6761.
func reserved(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return strings.HasSuffix(host, ".example") || strings.HasSuffix(host, ".example.com") ||
			strings.HasSuffix(host, ".example.net") || strings.HasSuffix(host, ".example.org")
	}
	for _, block := range []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"} {
		if netip.MustParsePrefix(block).Contains(addr) {
			return true
		}
	}
	return false
}

func TestPublishedReferencesExist(t *testing.T) {
	w := newWorld(0)
	for set, id := range map[string]string{
		"hosts":           "85.13.139.18",
		"sslCertificates": "ZDg5ZTNiZDQzZDVkOTA5YjQ3YTE4OTc3YWE5ZDVjZTM2Y2VlMTg0Yw==",
		"hostComponents":  "T3BlblNTSCQkOC4ycDEkJFJlbW90ZSBBY2Nlc3MkJDg1LjEzLjEzOS4xOA==",
	} {
		if w.Find(set, id) == nil {
			t.Errorf("%s/%s does not exist", set, id)
		}
	}
}

func TestRemovedBeforeMade(t *testing.T) {
	w := newWorld(8)
	port, certificate := w.PortIDs()[0], w.CertificateIDs()[0]
	w.Remove("hostPorts", port)
	w.Remove("sslCertificates", certificate)
	if ids := w.List("hosts/192.0.2.1/ports"); len(ids) == 0 || slices.Contains(ids, port) {
		t.Errorf("ports: %q", ids)
	}
	if w.Entity("hostPorts", port) != "" || w.Entity("sslCertificates", certificate) != "" {
		t.Error("a removed entity came back")
	}
	if ids := w.List("hosts/192.0.2.1/sslCertificates"); len(ids) == 0 {
		t.Error("the host presents no certificates")
	}
}
