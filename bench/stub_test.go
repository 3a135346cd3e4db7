package main

import (
	"net/url"
	"testing"
)

// The stub returns what the peers' workloads ask for, and nothing that is not selected.
func TestTheStubHeedsQueries(t *testing.T) {
	id := portID(3, 4, 8001)
	for name, tt := range map[string]struct {
		url, want string
		status    int
	}{
		"a port's selected properties": {
			stubbed + "hostPorts/" + id + "?$select=port,status", `{"port":8001,"status":"open"}`, 200,
		},
		"a reference to the host and to the certificate": {
			stubbed + "hostPorts/" + id + "?$select=host,mostRecentSslCertificate",
			`{"host":{"id":"10.0.3.4"},"mostRecentSslCertificate":{"id":"certificate-1"}}`, 200,
		},
		"a page": {
			stubbed + "hosts/10.0.3.4/ports?$select=port&$top=2", `{"value":[{"port":8000},{"port":8001}]}`, 200,
		},
		"a host": {
			stubbed + "hosts/10.0.3.4?$select=id,microsoft.graph.security.ipAddress/netblock",
			`{"@odata.type":"#microsoft.graph.security.ipAddress","id":"10.0.3.4","netblock":"10.0.0.0/8"}`, 200,
		},
		"an id of no port": {
			stubbed + "hostPorts/x", `{"error":{"code":"ResourceNotFound","message":"Resource not found"}}`, 404,
		},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			status, got := stubbedAt(u)
			if status != tt.status || string(got) != tt.want {
				t.Errorf("got %d %s, want %d %s", status, got, tt.status, tt.want)
			}
		})
	}
}
