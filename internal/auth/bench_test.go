package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"portico/internal/auth"
)

// instant answers every request with nothing.
type instant struct{ resp *http.Response }

func (i instant) RoundTrip(*http.Request) (*http.Response, error) { return i.resp, nil }

// BenchmarkTokenInHand is what a token costs each request to Microsoft Graph.
func BenchmarkTokenInHand(b *testing.B) {
	for _, mode := range []auth.Mode{auth.App, auth.OnBehalfOf} {
		b.Run(string(mode), func(b *testing.B) {
			source, err := auth.New(settings(mode), &http.Client{Transport: &cloud{}})
			if err != nil {
				b.Fatal(err)
			}
			trip := source.Transport(instant{&http.Response{StatusCode: http.StatusOK, Body: http.NoBody}})
			req := httptest.NewRequestWithContext(asUser(b.Context(), "caller-token"), http.MethodGet, graphURL, nil)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := trip.RoundTrip(req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
