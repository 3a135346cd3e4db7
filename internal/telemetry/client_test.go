package telemetry_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"portico/internal/opentelemetry"
	"portico/internal/telemetry"
)

type responds struct{}

func (responds) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}

// URLs of one server may be spelled in several ways. Prometheus refuses a response that has a series twice.
func TestAServerHasOneSeriesHoweverItsURLIsSpelled(t *testing.T) {
	t.Parallel()
	sdk, err := opentelemetry.New(opentelemetry.Options{Prometheus: true, Service: "portico", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sdk.Close(t.Context()) })
	in, err := telemetry.NewInstruments(sdk)
	if err != nil {
		t.Fatal(err)
	}
	client := in.Client(responds{}, func(*http.Request) (telemetry.Outgoing, bool) { return telemetry.Outgoing{}, false })
	for _, address := range []string{
		"https://idp.example/keys", "https://idp.example:443/keys", "http://idp.example:443/", "https://[::1]:443/", "https://[::1]/",
	} {
		resp, err := client.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	scraped := httptest.NewRecorder()
	sdk.Metrics.ServeHTTP(scraped, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	text := scraped.Body.String()
	for host, count := range map[string]string{"idp.example": "3", "::1": "2"} {
		want := `http_client_request_duration_seconds_count{http_request_method="GET",http_response_status_code="200",` +
			`server_address="` + host + `",server_port="443"} ` + count + "\n"
		if scraped.Code != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%d, and no %s in: %s", scraped.Code, want, text)
		}
	}
}
