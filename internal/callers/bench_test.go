package callers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"portico/internal/callers"
)

// BenchmarkVerifiedRequest is what the gate adds to a request: with a token that was verified before, and with a new one.
// The tokens are as long as Entra ID's usually are.
func BenchmarkVerifiedRequest(b *testing.B) {
	const many = 2 * 4096 // more than are remembered, so that none is when it comes again
	long := userClaims().with("groups", strings.Repeat("0123456789abcdef", 48))
	for name, tokens := range map[string]int{"remembered": 1, "new": many} {
		b.Run(name, func(b *testing.B) {
			rules := entraRules()
			g := newGate(b, callers.Options{Entra: &rules}, newIssuer())
			defer g.Close()
			for g.Ready() != nil {
			}
			handler := g.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			headers := make([]http.Header, tokens)
			for i := range headers {
				headers[i] = http.Header{"Authorization": {"Bearer " + genuine(long.with("uti", i))}, "Content-Type": {"application/json"}}
			}
			r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", nil)
			w := httptest.NewRecorder()
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				r.Header = headers[n%tokens]
				handler.ServeHTTP(w, r)
			}
			if w.Code != http.StatusOK {
				b.Fatal(w.Code, w.Body)
			}
		})
	}
}
