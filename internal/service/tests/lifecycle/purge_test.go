package lifecycle_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"portico/internal/service/servicetest"
)

func TestTheAdminAddressRemovesEntriesOfTheCache(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t, "PORTICO_ADMIN_LISTEN=127.0.0.1:0", "PORTICO_CACHE=memory")
	address := adminOf(t, p)
	fill := func() string {
		t.Helper()
		const query = `{ host(id: "85.13.139.18") { lastSeenDateTime ports(first: 1) { totalCount } } hostPort(id: "` + servicetest.ExampleID + `") { port } }`
		_, text := do(t, http.MethodPost, "http://"+p.Address+"/graphql", string(servicetest.Body(query)), "Content-Type: application/json")
		return text
	}
	for _, test := range []struct {
		what, method, address, query string
		header                       string
		status                       int
		want                         string
		hits                         string // of the same query afterwards
	}{
		{"nothing named", "POST", address, "", "", 400, "Say what to remove", `"cacheHits":3`},
		{"both", "POST", address, "?all&entity=contoso.com", "", 400, "Say what to remove", `"cacheHits":3`},
		{"another parameter", "POST", address, "?all&host=contoso.com", "", 400, "Say what to remove", `"cacheHits":3`},
		{"not everything", "POST", address, "?all=false", "", 400, "Say what to remove", `"cacheHits":3`},
		{"an entity that cannot be read", "POST", address, "?all&entity=%zz", "", 400, "Say what to remove", `"cacheHits":3`},
		{"not an id", "POST", address, "?entity=nonsense!", "", 400, "entity: ", `"cacheHits":3`},
		{"by GET", "GET", address, "?all", "", 405, "", `"cacheHits":3`},
		{"by a page of another site", "POST", address, "?all", "Origin: https://evil.example", 403, "", `"cacheHits":3`},
		{"for another host", "POST", address, "?all", "Host: rebound.example", 403, "", `"cacheHits":3`},
		{"on the main address", "POST", p.Address, "?all", "", 405, "", `"cacheHits":3`},
		{"an entity that is not there", "POST", address, "?entity=198.51.100.2", "", 200, "entries removed: 0", `"cacheHits":3`},
		{"an entity, and its lists", "POST", address, "?entity=IpAddress:85.13.139.18", "", 200, "entries removed: 2", `"cacheHits":1`},
		{"everything", "POST", address, "?all", "", 200, "entries removed: 3", `"cacheHits":0`},
	} {
		t.Run(test.what, func(t *testing.T) {
			fill()
			status, text := do(t, test.method, "http://"+test.address+"/-/purge"+test.query, "", test.header)
			if status != test.status || !strings.Contains(text, test.want) {
				t.Errorf("%d %s, want %d %s", status, text, test.status, test.want)
			}
			if again := fill(); !strings.Contains(again, test.hits) {
				t.Errorf("then %s, want %s", again, test.hits)
			}
		})
	}
}

// An address that others may reach does not authenticate, so nothing can be removed there.
func TestWhereNothingCanBeRemoved(t *testing.T) {
	t.Parallel()
	for _, settings := range [][]string{
		{"PORTICO_ADMIN_LISTEN=0.0.0.0:0", "PORTICO_CACHE=memory"},
		{"PORTICO_ADMIN_LISTEN=127.0.0.1:0", "PORTICO_CACHE=off"},
	} {
		p := servicetest.Launch(t, settings...)
		address := strings.NewReplacer("0.0.0.0", "127.0.0.1", "[::]", "127.0.0.1").Replace(adminOf(t, p))
		if status, text := do(t, http.MethodPost, "http://"+address+"/-/purge?all", "", ""); status != http.StatusNotFound {
			t.Errorf("%v: %d %s", settings, status, text)
		}
	}
}

// do sends a request with a header and returns the status and the body.
func do(t *testing.T, method, url, body, header string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if name, value, found := strings.Cut(header, ": "); found {
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(all)
}
