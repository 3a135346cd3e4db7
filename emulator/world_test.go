package emulator_test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"portico/emulator"
)

// TestWorldHangsTogether follows every reference of a large world, and looks for what is not reserved for documentation.
func TestWorldHangsTogether(t *testing.T) {
	e := emulator.New(emulator.WithWorld(1_600), emulator.WithSeed(7))
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
	for _, id := range e.PortIDs() {
		if seen[id] {
			t.Fatalf("port %s twice", id)
		}
		seen[id] = true
		port.Cert.ID = ""
		if err := json.Unmarshal([]byte(e.Entity("hostPorts", id)), &port); err != nil {
			t.Fatal(err)
		}
		if port.Cert.ID != "" {
			shown[port.Cert.ID] = true
		}
		if e.Entity("hosts", port.Host.ID) == "" || e.Entity("hostComponents", port.Services[0].Component.ID) == "" ||
			port.Cert.ID != "" && e.Entity("sslCertificates", port.Cert.ID) == "" {
			t.Fatalf("port %s leads nowhere", id)
		}
	}
	if len(shown) != len(e.CertificateIDs()) {
		t.Errorf("%d of %d certificates are shown", len(shown), len(e.CertificateIDs()))
	}
	for _, id := range e.HostIDs() {
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
