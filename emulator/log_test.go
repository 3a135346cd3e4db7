package emulator_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"portico/emulator"
	"portico/emulator/entra"
)

func TestRequestLog(t *testing.T) {
	e, s := started(t)
	fetch(t, s, "GET", ti+examplePort+"?$select=id,port", e.AppToken(), "")
	fetch(t, s, "GET", host, "", "")
	fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), batch(item("2", "hosts/b?$select=id"), item("1", "hosts/a")))
	want := []emulator.Request{
		{Method: "GET", URL: "/security/threatIntelligence/" + examplePort + "?$select=id,port", Status: 200},
		{Method: "GET", URL: "/security/threatIntelligence/hosts/contoso.com", Status: 401},
		{Method: "POST", URL: "/$batch", Status: 200, Items: []emulator.RequestItem{
			{Method: "GET", URL: "/security/threatIntelligence/hosts/b?$select=id"},
			{Method: "GET", URL: "/security/threatIntelligence/hosts/a"},
		}},
	}
	if diff := cmp.Diff(want, e.Requests(), cmpopts.IgnoreFields(emulator.Request{}, "Time")); diff != "" {
		t.Error("-want +got:\n" + diff)
	}
	e.ResetLog()
	if n := len(e.Requests()); n != 0 {
		t.Errorf("%d requests after the reset", n)
	}
}

func TestRequestLogIsBounded(t *testing.T) {
	e := emulator.New(emulator.WithWorld(0))
	ask := caller(e)
	for i := range 10_005 {
		ask(fmt.Sprint("/v1.0/", i))
	}
	got := e.Requests()
	if len(got) != 10_000 || got[0].URL != "/5" || got[9_999].URL != "/10004" {
		t.Errorf("%d requests, from %s to %s", len(got), got[0].URL, got[len(got)-1].URL)
	}
}

func TestEarlyRequests(t *testing.T) {
	var logged bytes.Buffer
	e, s := started(t, emulator.WithLogger(slog.New(slog.NewTextHandler(&logged, nil))))
	token, other := e.AppToken(), e.UserToken("u", entra.WithAudience(e.Audience()))
	e.Fail(emulator.TooManyRequests("10").On(emulator.LoneGet))

	fetch(t, s, "GET", host, token, "")
	fetch(t, s, "GET", host, token, "") // it may have been on its way
	e.Advance(time.Second)
	fetch(t, s, "GET", host, other, "") // another sender
	if got := e.EarlyRequests(); len(got) != 0 {
		t.Fatalf("early: %v", got)
	}
	fetch(t, s, "GET", ti+"hosts/192.0.2.1", token, "") // another URL of the same sender
	e.Advance(10 * time.Second)
	fetch(t, s, "GET", host, token, "")
	got := e.EarlyRequests()
	if len(got) != 1 || got[0].RetryAfter != "10" || got[0].Early > 9*time.Second || got[0].Early < 8*time.Second {
		t.Errorf("early: %+v", got)
	}
	if !strings.Contains(logged.String(), "before Retry-After elapsed") {
		t.Errorf("logged: %s", &logged)
	}
}

func TestEarlyItems(t *testing.T) {
	e, s := started(t)
	token := e.AppToken()
	e.Fail(emulator.TooManyRequests("date+10s").Matching("192.0.2.1"))
	fetch(t, s, "POST", "/v1.0/$batch", token, batch(item("1", "hosts/contoso.com"), item("2", "hosts/192.0.2.1")))
	e.Advance(time.Second)
	fetch(t, s, "POST", "/v1.0/$batch", token, batch(item("1", "hosts/contoso.com")))
	if got := e.EarlyRequests(); len(got) != 0 {
		t.Fatalf("early: %v", got)
	}
	fetch(t, s, "POST", "/v1.0/$batch", token, batch(item("7", "hosts/192.0.2.1?$select=id")))
	fetch(t, s, "GET", ti+"hosts/192.0.2.1", token, "")
	if got := e.EarlyRequests(); len(got) != 2 {
		t.Errorf("early: %v", got)
	}
}

func TestAnInvalidRetryAfterIsIgnored(t *testing.T) {
	e, s := started(t, emulator.WithEarlyGrace(0))
	token := e.AppToken()
	for _, text := range []string{"", "soon", "-5", "0"} {
		e.Fail(emulator.TooManyRequests(text))
		fetch(t, s, "GET", host, token, "")
		fetch(t, s, "GET", host, token, "")
	}
	if got := e.EarlyRequests(); len(got) != 0 {
		t.Errorf("early: %v", got)
	}
}
