package emulator_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"portico/emulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// started returns an emulator that listens until the end of the test.
func started(t testing.TB, opts ...emulator.Option) (*emulator.Emulator, *emulator.Server) {
	t.Helper()
	e := emulator.New(append([]emulator.Option{emulator.WithWorld(20)}, opts...)...)
	s, err := emulator.Start(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return e, s
}

type response struct {
	status int
	header http.Header
	body   string
}

// fetch sends one request. With an empty token it has no Authorization header.
func fetch(t testing.TB, s *emulator.Server, method, path, token, body string, headers ...string) response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{resp.StatusCode, resp.Header, string(text)}
}

func unpack(t testing.TB, body string) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
