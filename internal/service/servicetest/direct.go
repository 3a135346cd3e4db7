package servicetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/graph/generated"
)

// Schema is Portico's schema.
var Schema = generated.NewExecutableSchema(generated.Config{}).Schema()

// SetOf is the entity set of each object type that can be fetched by its id.
var SetOf = map[string]string{
	"IpAddress": "hosts", "Hostname": "hosts", "HostComponent": "hostComponents", "HostCookie": "hostCookies",
	"HostPair": "hostPairs", "HostPort": "hostPorts", "HostSslCertificate": "hostSslCertificates",
	"HostTracker":      "hostTrackers",
	"PassiveDnsRecord": "passiveDnsRecords", "Subdomain": "subdomains", "SslCertificate": "sslCertificates",
	"WhoisRecord": "whoisRecords", "WhoisHistoryRecord": "whoisHistoryRecords", "Article": "articles",
	"ArticleIndicator": "articleIndicators", "IntelligenceProfile": "intelProfiles",
	"IntelligenceProfileIndicator": "intelligenceProfileIndicators", "Vulnerability": "vulnerabilities",
}

// RootOf is the field of the query that returns one entity of an object type by its id.
func RootOf(named string) string {
	if named == "IpAddress" || named == "Hostname" {
		return "host"
	}
	return strings.ToLower(named[:1]) + named[1:]
}

// Direct is the emulator's own response to a GET, to compare Portico's with. path is relative to threat intelligence,
// and may have an escaped query. It is nil for what is not found.
func (s *Service) Direct(t testing.TB, path string) map[string]any {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1.0/security/threatIntelligence/"+path, nil)
	request.Header.Set("Authorization", "Bearer "+s.Emulator.AppToken())
	recorder := httptest.NewRecorder()
	s.Emulator.ServeHTTP(recorder, request)
	switch recorder.Code {
	case http.StatusOK:
	case http.StatusNotFound:
		return nil
	default:
		t.Fatalf("GET %s: %d %s", path, recorder.Code, recorder.Body)
	}
	var body map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &body); err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
	return body
}

// DirectEntity is one entity with all its properties, without the wrapper that some have.
func (s *Service) DirectEntity(t testing.TB, set, id string) map[string]any {
	t.Helper()
	body := s.Direct(t, set+"/"+url.PathEscape(id))
	if inner, wrapped := body["value"].(map[string]any); wrapped {
		return inner
	}
	return body
}

// DirectList follows a list's links to its end, and returns its items.
func (s *Service) DirectList(t testing.TB, path string) (items []map[string]any) {
	t.Helper()
	for range 50 {
		body := s.Direct(t, path)
		list, _ := body["value"].([]any)
		for _, item := range list {
			items = append(items, item.(map[string]any))
		}
		next, _ := body["@odata.nextLink"].(string)
		if next == "" {
			return items
		}
		_, path, _ = strings.Cut(next, "/threatIntelligence/")
	}
	t.Fatalf("%s has no end", path)
	return nil
}

// IDsOf returns the ids of items.
func IDsOf(items []map[string]any) []string {
	ids := []string{}
	for _, item := range items {
		ids = append(ids, item["id"].(string))
	}
	return ids
}

// ListPath is the path of a list below an entity.
func ListPath(set, id, name string) string { return set + "/" + url.PathEscape(id) + "/" + name }

// Time reads an RFC 3339 time. It is zero for anything else.
func Time(text any) time.Time {
	at, _ := time.Parse(time.RFC3339, fmt.Sprint(text))
	return at
}

// DateTime returns an instant of the emulator as Portico shows it.
func DateTime(text any) string {
	return Time(text).UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z")
}
