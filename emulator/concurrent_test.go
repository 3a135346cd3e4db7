package emulator_test

import (
	"sync"
	"testing"
	"time"

	"portico/emulator"
)

// TestEverythingAtOnce gives the race detector concurrent requests and changes.
func TestEverythingAtOnce(t *testing.T) {
	e, s := started(t)
	ports := e.PortIDs()
	body := string(batchOf(ports[:20], portQuery))
	work := []func(){
		func() { fetch(t, s, "GET", ti+"hostPorts/"+ports[3]+portQuery, e.AppToken(), "") },
		func() { fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), body, "Accept-Encoding", "gzip") },
		func() { _ = e.Put("hosts", `{"id":"other.example"}`); e.Remove("hosts", "other.example") },
		func() { e.Fail(emulator.TooManyRequests("0.001"), emulator.Patch("", "port", "0")); e.PendingFaults() },
		func() { e.Advance(time.Millisecond); e.EarlyRequests() },
		func() { fetch(t, s, "GET", ti+"hosts/"+e.HostIDs()[5]+"/sslCertificates?$top=2", e.AppToken(), "") },
		func() { fetch(t, s, "GET", ti+"whoisRecords?$search=%22abuse/email:x%22", e.AppToken(), "") },
		func() { _ = e.PutList("hosts/192.0.2.1/ports", ports[0]); e.List("hosts/192.0.2.2/hostPairs") },
		func() { e.Requests(); e.TokenLog(); e.ResetLog() },
		func() { e.SetClientSecret("other", "x"); e.ClientSecret() },
	}
	var all sync.WaitGroup
	for _, do := range work {
		all.Go(func() {
			for range 20 {
				do()
			}
		})
	}
	all.Wait()
}
