package service

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// direct is what the emulator itself answers to a GET, without Portico between: what Portico's answers are held against.
// path is relative to the API, and may hold an escaped query. It is nil for what is not found.
func (s *running) direct(t testing.TB, path string) map[string]any {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1.0/security/threatIntelligence/"+path, nil)
	request.Header.Set("Authorization", "Bearer "+s.upstream.emulator.AppToken())
	recorder := httptest.NewRecorder()
	s.upstream.emulator.ServeHTTP(recorder, request)
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

// directEntity is one entity, whole, out of the wrapper that some have.
func (s *running) directEntity(t testing.TB, set, id string) map[string]any {
	t.Helper()
	body := s.direct(t, set+"/"+url.PathEscape(id))
	if inner, wrapped := body["value"].(map[string]any); wrapped {
		return inner
	}
	return body
}

// directList walks a list to its end by its links, and returns its items.
func (s *running) directList(t testing.TB, path string) (items []map[string]any) {
	t.Helper()
	for range 50 {
		body := s.direct(t, path)
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

// idsOf returns the ids of items.
func idsOf(items []map[string]any) []string {
	ids := []string{}
	for _, item := range items {
		ids = append(ids, item["id"].(string))
	}
	return ids
}

// below is the path of a list below an entity.
func below(set, id, name string) string { return set + "/" + url.PathEscape(id) + "/" + name }
