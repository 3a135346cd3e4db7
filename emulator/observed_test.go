package emulator_test

import (
	"strings"
	"testing"

	"portico/emulator"
	"portico/emulator/entra"
)

// TestObservedBehavior checks each switch on and off.
func TestObservedBehavior(t *testing.T) {
	for name, row := range map[string]struct {
		option    emulator.Option
		path      string
		on, off   int // statuses
		want      string
		wantNoOff string // in the response without the switch
	}{
		"id comes unselected": {
			emulator.WithAlwaysID(true), "hosts/contoso.com?$select=firstSeenDateTime", 200, 200,
			`"id":"contoso.com","firstSeenDateTime":"`, `"id":`,
		},
		"id comes unselected in a list": {
			emulator.WithAlwaysID(true), "hosts/192.0.2.1/ports?$select=port&$top=1", 200, 200, `[{"id":"`, `{"id":`,
		},
		"an unknown option is ignored": {
			emulator.WithIgnoredOptions(true), "hosts/contoso.com?$foo=1&bar&$select=id", 200, 400, `"id":"contoso.com"}`, "",
		},
		"an option that the path does not take is ignored": {
			emulator.WithIgnoredOptions(true), "hosts/192.0.2.1/ports?$filter=port%20eq%2022&$orderby=port&$top=1&$select=port",
			200, 400, `$top=1&$select=port&$skiptoken=`, "",
		},
		"a value that cannot be read is refused all the same": {
			emulator.WithIgnoredOptions(true), "hosts/192.0.2.1/ports?$top=x", 400, 400, "BadRequest", "",
		},
		"an encoded slash splits a key": {
			emulator.WithSplitSlash(true), "hosts/a%2fb", 400, 404, "Resource not found for the segment 'b'.", "",
		},
		"a tenant without a license": {
			emulator.WithoutLicense(true), "hosts/contoso.com/reputation", 500, 200,
			`{"error":{"code":"generalException","message":"Error retrieving reputation"`, "generalException",
		},
	} {
		t.Run(name, func(t *testing.T) {
			e, s := started(t, row.option)
			got := fetch(t, s, "GET", ti+row.path, e.AppToken(), "")
			if got.status != row.on || !strings.Contains(got.body, row.want) {
				t.Errorf("on: %d %s, want %d and %s", got.status, got.body, row.on, row.want)
			}
			e, s = started(t)
			got = fetch(t, s, "GET", ti+row.path, e.AppToken(), "")
			if got.status != row.off || row.wantNoOff != "" && strings.Contains(got.body, row.wantNoOff) {
				t.Errorf("off: %d %s, want %d without %q", got.status, got.body, row.off, row.wantNoOff)
			}
		})
	}
}

// TestBatchItemRefusals sends batches without a valid token: the batch is read, and each item refused.
func TestBatchItemRefusals(t *testing.T) {
	e, s := started(t, emulator.WithBatchItemRefusals(true))
	body := batch(item("1", "hosts/contoso.com"), item("2", "hosts/192.0.2.1"))
	for token, want := range map[string]struct {
		status int
		code   string
	}{
		"":                                    {401, "InvalidAuthenticationToken"},
		"garbage":                             {401, "InvalidAuthenticationToken"},
		e.AppToken(entra.WithLifetime(-1e10)): {401, "InvalidAuthenticationToken"},
		e.AppToken(entra.WithRoles()):         {403, "Forbidden"},
		e.AppToken():                          {200, ""},
	} {
		got := fetch(t, s, "POST", "/v1.0/$batch", token, body)
		if got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		for _, a := range decodeBatch(t, got.body).Responses {
			if a.Status != want.status || !strings.Contains(string(a.Body), want.code) {
				t.Errorf("item %s: %d %s, want %d %s", a.ID, a.Status, a.Body, want.status, want.code)
			}
		}
	}
	if got := fetch(t, s, "POST", "/v1.0/$batch", "garbage", "{"); got.status != 400 {
		t.Errorf("a batch that cannot be read: %d", got.status)
	}
	if got := fetch(t, s, "GET", ti+"hosts/contoso.com", "garbage", ""); got.status != 401 {
		t.Errorf("a GET: %d", got.status)
	}
}
