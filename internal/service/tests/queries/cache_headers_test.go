package queries_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portico/internal/service/servicetest"
)

const portQuery = `{ hostPort(id: "` + servicetest.ExampleID + `") { port status } }`

func TestClientsMayKeepWhatTheCacheHas(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method, query string
		headers       []string
		settings      string
		cacheControl  string
	}{
		"GET":                         {"GET", portQuery, nil, "PORTICO_CACHE=memory", "private, max-age=3599"},
		"QUERY":                       {"QUERY", portQuery, nil, "PORTICO_CACHE=memory", "private, max-age=3599"},
		"POST":                        {"POST", portQuery, nil, "PORTICO_CACHE=memory", "no-store"},
		"without a cache":             {"GET", portQuery, nil, "PORTICO_CACHE=off", "no-store"},
		"the shortest lifetime":       {"GET", `{ host(id: "contoso.com") { lastSeenDateTime reputation { score } } }`, nil, "PORTICO_CACHE=memory", "private, max-age=599"},
		"an unknown id":               {"GET", `{ host(id: "192.0.2.254") { lastSeenDateTime } }`, nil, "PORTICO_CACHE=memory", "private, max-age=299"},
		"nothing of Microsoft Graph":  {"GET", `{ __typename }`, nil, "PORTICO_CACHE=memory", "no-store"},
		"an error":                    {"GET", `{ host(id: "a host!") { id lastSeenDateTime } hostPort(id: "` + servicetest.ExampleID + `") { port } }`, nil, "PORTICO_CACHE=memory", "no-store"},
		"something that is not kept":  {"GET", portQuery, nil, "PORTICO_CACHE_FRESH_PORTS=0s", "no-store"},
		"past the cache":              {"GET", portQuery, []string{"Cache-Control: no-cache"}, "PORTICO_CACHE=memory", "private, max-age=3599"},
		"another lifetime":            {"GET", portQuery, nil, "PORTICO_CACHE_FRESH_PORTS=2h", "private, max-age=7199"},
		"a request that is not valid": {"GET", `{ nonsense }`, nil, "PORTICO_CACHE=memory", "no-store"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t, "PORTICO_CACHE=memory", tt.settings)
			a := by(t, s, tt.method, tt.query, tt.headers...)
			got := a.Header.Get("Cache-Control")
			// The lifetime is in whole seconds, of which a busy machine may lose some.
			if prefix := strings.TrimRight(tt.cacheControl, "0123456789"); !strings.HasPrefix(got, prefix) || len(got) != len(tt.cacheControl) {
				t.Errorf("Cache-Control: %s, want %s", got, tt.cacheControl)
			}
			kept := strings.HasPrefix(got, "private")
			if has := a.Header.Get("ETag") != "" && a.Header.Get("Age") != "" && strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Authorization"); has != kept {
				t.Errorf("headers %v", a.Header)
			}
		})
	}
}

func TestWhatAClientHasIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_CACHE=memory")
	tag := by(t, s, "GET", portQuery).Header.Get("ETag")
	for name, tt := range map[string]struct {
		tags, query string
		status      int
	}{
		"the same":      {tag, portQuery, 304},
		"one of two":    {`"x", ` + tag, portQuery, 304},
		"strong":        {strings.TrimPrefix(tag, "W/"), portQuery, 304},
		"any":           {"*", portQuery, 304},
		"another":       {`"x"`, portQuery, 200},
		"another query": {tag, strings.ReplaceAll(portQuery, "status", "protocol"), 200},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.Get(t, getURL(tt.query), "If-None-Match", tt.tags, "Accept", "application/json")
			if a.Status != tt.status || (a.Text == "") != (tt.status == http.StatusNotModified) || a.Header.Get("ETag") == "" {
				t.Errorf("%d with %v: %s", a.Status, a.Header, a.Text)
			}
		})
	}
}

// The extensions say how much the cache saved, and a request can go past it.
func TestARequestPastTheCacheRenewsIt(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_CACHE=memory")
	for _, step := range []struct {
		header      string
		hits, items int
	}{
		{"X-Nothing: x", 0, 1},
		{"X-Nothing: x", 1, 0},
		{"Cache-Control: no-cache", 0, 1},
		{"Cache-Control: max-age=0", 0, 1},
		{"Cache-Control: max-age=60", 1, 0},
		{"Cache-Control: private, No-Cache", 0, 1},
		{"Cache-Control: max-age=60, no-cache", 0, 1},
		{"Cache-Control: max-age=00", 0, 1},
		{"Cache-Control: max-age=99999999999999999999", 1, 0},
		{"Cache-Control: max-age=-1", 1, 0},
		{"Cache-Control: max-stale=60", 1, 0},
		{"Cache-Control: no-store", 0, 1},
	} {
		a := s.Post(t, servicetest.Body(portQuery), step.header)
		if a.Cost.CacheHits != step.hits || a.Cost.Items != step.items {
			t.Errorf("%s: %d hits and %d items, want %d and %d", step.header, a.Cost.CacheHits, a.Cost.Items, step.hits, step.items)
		}
	}
}

// by sends a query by a method.
func by(t *testing.T, s *servicetest.Service, method, query string, headers ...string) servicetest.Reply {
	t.Helper()
	headers = append(headers, "Accept: application/json")
	if method == http.MethodGet {
		return s.Request(t, method, getURL(query), nil, headers...)
	}
	return s.Request(t, method, "/graphql", servicetest.Body(query), append(headers, "Content-Type: application/json")...)
}

func getURL(query string) string { return "/graphql?query=" + url.QueryEscape(query) }
