package graph_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"portico/graph"
	"portico/msgraph"
)

// An operation that cannot end in time is refused before anything is sent, with the time to come again in both places.
func TestAnOperationThatCannotEndInTimeIsRefused(t *testing.T) {
	var lookups int
	u := &upstream{}
	handler := endpoint(u, func(o *graph.Options) {
		o.Admit = func(_ context.Context, n int) (func(), *msgraph.Error) {
			lookups = n
			return nil, &msgraph.Error{Kind: msgraph.Overloaded, RetryAfter: 6500 * time.Millisecond}
		}
	})
	body := `{"query":"{ hosts(ids: [\"192.0.2.1\", \"192.0.2.2\"]) { firstSeenDateTime } }"}`
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	var got struct {
		Data   any
		Errors []struct{ Extensions map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "7" || lookups != 2 || u.lookups.Load() != 0 {
		t.Errorf("%d, Retry-After %q, %d lookups", w.Code, w.Header().Get("Retry-After"), lookups)
	}
	if len(got.Errors) != 1 || got.Data != nil || got.Errors[0].Extensions["code"] != "OVERLOADED" || got.Errors[0].Extensions["retryAfterSeconds"] != 7.0 {
		t.Errorf("got %s", w.Body)
	}
}

// What a cache answers needs no room at Microsoft Graph.
func TestWhatIsCachedIsAdmittedWhenNothingElseIs(t *testing.T) {
	for stored, status := range map[int]int{0: http.StatusServiceUnavailable, 1: http.StatusServiceUnavailable, 2: http.StatusOK} {
		handler := endpoint(&upstream{}, func(o *graph.Options) {
			o.Admit = func(_ context.Context, n int) (func(), *msgraph.Error) {
				if n > 0 {
					return nil, &msgraph.Error{Kind: msgraph.Overloaded, RetryAfter: time.Second}
				}
				return func() {}, nil
			}
			o.Stored = func(_ context.Context, urls []string) int { return min(stored, len(urls)) }
		})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql",
			strings.NewReader(`{"query":"{ hosts(ids: [\"192.0.2.1\", \"192.0.2.2\"]) { firstSeenDateTime } }"}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("with %d of 2 lookups cached: %d, want %d", stored, w.Code, status)
		}
	}
}
