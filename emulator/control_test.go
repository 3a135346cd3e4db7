package emulator_test

import (
	"encoding/json"
	"strings"
	"testing"

	"portico/emulator"
)

func TestControlRoutes(t *testing.T) {
	e, s := started(t)
	for _, row := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "", "", 200, `"authority": "` + s.URL + "/" + e.Tenant() + `"`},
		{"GET", "/world", "", 200, e.HostIDs()[0]},
		{"POST", "/faults", `{"effect":"error","status":429,"retryAfter":"2","count":2}`, 200, `"retryAfter": "2"`},
		{"POST", "/faults", `[{"status":503,"match":"hosts/"},{"kind":"token","latency":"5ms"}]`, 200, `"latency": "5ms"`},
		{"GET", "/faults", "", 200, `"status": 503`},
		{"POST", "/faults", `{"effect":"colour"}`, 400, "unknown effect"},
		{"POST", "/faults", `{"kind":"colour"}`, 400, `\"kind\" must be`},
		{"POST", "/faults", `{"effect":"error","status":99}`, 400, "between 200 and 599"},
		{"POST", "/faults", `{"latency":"long"}`, 400, "invalid duration"},
		{"POST", "/faults", `{"colour":"red"}`, 400, "unknown field"},
		{"POST", "/faults", `{`, 400, "reading body"},
		{"DELETE", "/faults", "", 204, ""},
		{"GET", "/clock", "", 200, `"moved": "0s"`},
		{"POST", "/clock/advance", `{"by":"90m"}`, 200, `"moved": "1h30m0s"`},
		{"POST", "/clock/advance", `{"by":"1 fortnight"}`, 400, "must be a duration"},
		{"GET", "/requests", "", 200, `"tokenRequests": 0`},
		{"DELETE", "/requests", "", 204, ""},
		{"PUT", "/entities/hosts", `{"id":"new.example"}`, 204, ""},
		{"PUT", "/entities/hosts", `{}`, 400, "must be a string"},
		{"PUT", "/entities/colours", `{"id":"red"}`, 404, "Unknown set"},
		{"DELETE", "/entities/hosts/new.example", "", 204, ""},
		{"GET", "/entities/hosts", "", 405, "Allowed: PUT"},
		{"GET", "/world", "", 200, `"chainPort": "MTkyLjAuMi4xJCQ5NDQz"`},
		{"GET", "/world", "", 200, `"hosts/192.0.2.1/passiveDnsReverse": [`},
		{"GET", "/world", "", 200, `"subdomains/bG9naW4uY29udG9zby5jb20kJGNvbnRvc28uY29t"`},
		{"GET", "/lists/hosts/192.0.2.1/ports", "", 200, e.PortIDs()[0]},
		{"PUT", "/lists/hosts/192.0.2.1/ports", `["x"]`, 204, ""},
		{"GET", "/lists/hosts('192.0.2.1')/ports", "", 200, `"ids": []`},
		{"PUT", "/lists/hosts/192.0.2.1/colours", `["x"]`, 404, "no list"},
		{"PUT", "/lists/articles", `{}`, 400, "reading body"},
		{"DELETE", "/lists/articles", "", 405, "GET a list"},
		{"POST", "/faults", `[{"effect":"next-link-loop"},{"effect":"next-link-host","text":"https://graph.example"},{"effect":"empty-page"}]`, 200, "empty-page"},
		{"POST", "/faults", `[{"effect":"next-link-form","text":"relative"},{"effect":"partial","text":"199 - x"}]`, 200, "partial"},
		{"DELETE", "/faults", "", 204, ""},
		{"POST", "/tokens", `{"kind":"colour"}`, 400, "must be"},
		{"POST", "/tokens", `{"lifetime":"long"}`, 400, "invalid duration"},
		{"GET", "/colours", "", 404, "Unknown control route"},
		{"GET", "/authorization", "", 200, "Authorization: Bearer ey"},
	} {
		got := fetch(t, s, row.method, "/_emulator"+row.path, "", row.body)
		if got.status != row.status || !strings.Contains(got.body, row.want) {
			t.Errorf("%s %s %s: %d %s", row.method, row.path, row.body, got.status, got.body)
		}
	}
	if got := fetch(t, s, "GET", "/_emulator", "", "", "Origin", "https://elsewhere.example"); got.status != 403 {
		t.Errorf("a cross-origin request: %d", got.status)
	}
}

func TestTokensByControl(t *testing.T) {
	e, s := started(t)
	mint := func(form string) string {
		t.Helper()
		var got struct {
			Token string `json:"access_token"`
		}
		if err := json.Unmarshal([]byte(fetch(t, s, "POST", "/_emulator/tokens", "", form).body), &got); err != nil {
			t.Fatal(err)
		}
		return got.Token
	}
	for form, want := range map[string]int{
		`{"kind":"app"}`:                  200,
		`{"kind":"app","roles":[]}`:       403,
		`{"kind":"user"}`:                 401, // for the application, not for Microsoft Graph
		`{"kind":"federated"}`:            401,
		`{"kind":"app","lifetime":"-1m"}`: 401,
		`{"user":"u","audience":"` + emulator.DefaultAudience + `"}`:              200,
		`{"user":"u","audience":"` + emulator.DefaultAudience + `","scope":"No"}`: 403,
		`{"kind":"app","claims":{"tid":"x"}}`:                                     200,
	} {
		if got := fetch(t, s, "GET", host, mint(form), ""); got.status != want {
			t.Errorf("%s: %d %s", form, got.status, got.body)
		}
	}
	_ = e
}

func TestFaultsByControl(t *testing.T) {
	e, s := started(t)
	fetch(t, s, "POST", "/_emulator/faults", "", `{"effect":"patch","property":"registrar","text":"7"}`)
	if got := fetch(t, s, "GET", host, e.AppToken(), ""); !strings.Contains(got.body, `"registrar":7`) {
		t.Error(got.body)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:0", "nonsense"} {
		if s, err := emulator.Start(emulator.New(emulator.WithWorld(0)), emulator.OnAddress(address)); err == nil {
			_ = s.Close()
			t.Errorf("%s was accepted", address)
		}
	}
	for _, address := range []string{"localhost:0", "127.0.0.2:0"} {
		s, err := emulator.Start(emulator.New(emulator.WithWorld(0)), emulator.OnAddress(address))
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		_ = s.Close()
	}
}
