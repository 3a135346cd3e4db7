package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"portico/emulator"
)

// caller returns a function that sends a GET in process.
func caller(e *emulator.Emulator) func(target string) *httptest.ResponseRecorder {
	token := "Bearer " + e.AppToken()
	return func(target string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RequestURI = target
		if u, err := r.URL.Parse(target); err == nil {
			r.URL = u
		}
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		return w
	}
}

// FuzzQuery checks that the response to every query string is JSON with status 200 or 400.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"$select=id,port", "$expand=mostRecentSslCertificate", "$select=host/id", "%24select=%zz", "$select=,&&=",
		"$expand=mostRecentSslCertificate($select=sha1)", "$select=microsoft.graph.security.hostPort/port", "a;b",
	} {
		f.Add(seed)
	}
	e := emulator.New(emulator.WithWorld(0), emulator.WithRequestLog(false))
	ask := caller(e)
	f.Fuzz(func(t *testing.T, query string) {
		if strings.ContainsAny(query, "#\r\n \x00") {
			t.Skip("no query string")
		}
		w := ask("/v1.0/security/threatIntelligence/hostPorts/" + emulator.ExamplePortID + "?" + query)
		if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

// FuzzBatch checks that the response to every body is JSON, with one response for each item.
func FuzzBatch(f *testing.F) {
	for _, seed := range []string{
		batch(item("1", "hosts/contoso.com")), batch(item("1", "hosts/a"), item("1", "hosts/b")), `{"requests":[]}`,
		batch(`{"id":"1","method":"GET","url":"/a","dependsOn":["2"]}`), `{"requests":[{"id":"\u0000","method":"","url":"/"}]}`, `[`,
		batch(`{"id":"é","method":"GET","url":"security/threatIntelligence/hosts('x''y')?$select=id","headers":{"client-request-id":"x"},"body":null}`),
	} {
		f.Add(seed)
	}
	e := emulator.New(emulator.WithWorld(0), emulator.WithRequestLog(false))
	token := "Bearer " + e.AppToken()
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest(http.MethodPost, "/v1.0/$batch", strings.NewReader(body))
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if w.Code != 200 {
			return
		}
		var sent struct{ Requests []json.RawMessage }
		if err := json.Unmarshal([]byte(body), &sent); err != nil {
			t.Fatalf("%q was accepted: %v", body, err)
		}
		if got := decodeBatch(t, w.Body.String()); len(got.Responses) != len(sent.Requests) {
			t.Errorf("%d responses to %d items", len(got.Responses), len(sent.Requests))
		}
	})
}
