package servicetest

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"portico/emulator"
	"portico/internal/config"
	"portico/internal/service"
	"portico/internal/telemetry"
)

// Secret is text for faults to put into what Microsoft Graph responds. No caller and no log may get it.
const Secret = "for-no-other-eyes"

// Service is the whole service, behind a listener, on an emulator of its own.
type Service struct {
	// URL is where the service listens, without a slash at the end.
	URL string
	// UpstreamURL is the base URL of the Microsoft Graph in use, with the version.
	UpstreamURL string
	// UpstreamTransport sends all requests to Microsoft Graph and Microsoft Entra ID.
	UpstreamTransport *http.Transport
	// Emulator holds the data, takes the faults and lists the requests. It is nil with a real cloud.
	Emulator *emulator.Emulator
	// EmulatorServer is the emulator's listener.
	EmulatorServer *emulator.Server
	// Log is what the service logged so far, as text, from level debug.
	Log *Buffer

	service  *service.Service
	received Buffer // by callers: bodies and headers
}

// Start starts the service with settings as in the environment, such as "PORTICO_IDENTITY=obo". Settings given later
// win.
func Start(t testing.TB, settings ...string) *Service {
	t.Helper()
	return StartObserved(t, nil, settings...)
}

// StartObserved is Start with an emulator that behaves as some reports from the field say: see emulator.WithAlwaysID
// and the options beside it.
func StartObserved(t testing.TB, observed []emulator.Option, settings ...string) *Service {
	t.Helper()
	cfg, err := config.Load(nil, settings, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	log := &Buffer{}
	logger, err := telemetry.New(log, "text", slog.LevelDebug)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := service.New(cfg, logger, observed...)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(inner.Handler())
	s := &Service{
		URL: server.URL, UpstreamURL: inner.UpstreamURL(), UpstreamTransport: inner.UpstreamTransport(),
		Emulator: inner.Emulator(), EmulatorServer: inner.EmulatorServer(), Log: log, service: inner,
	}
	t.Cleanup(func() {
		server.Close()
		inner.Close()
		s.wantNothingPrivate(t)
	})
	return s
}

// StartSmall is Start with an emulator that holds nothing but Microsoft's published examples, until the test puts
// something there.
func StartSmall(t testing.TB, settings ...string) *Service {
	t.Helper()
	return Start(t, append([]string{"PORTICO_EMULATOR_SIZE=0"}, settings...)...)
}

// Handler is the service without its listener.
func (s *Service) Handler() http.Handler { return s.service.Handler() }

// Metrics is what Prometheus scrapes, which the settings have to turn on. Headers are pairs of names and values.
func (s *Service) Metrics(t testing.TB, header ...string) Reply {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.service.MetricsHandler().ServeHTTP(w, r)
	return Reply{Status: w.Code, Header: w.Header(), Text: w.Body.String()}
}

// CallersReady returns an error as long as the service cannot verify callers' tokens.
func (s *Service) CallersReady() error { return s.service.CallersReady() }

// Received returns all that callers were sent so far, with the headers.
func (s *Service) Received() string { return s.received.String() }

// token matches what only tokens contain. Cursors, which are random, may contain "eyJ", too.
var token = regexp.MustCompile(`eyJ(hbGci|0eXAi|raWQi)|eyJ[\w-]*\.|\.eyJ`)

// wantNothingPrivate checks that neither callers nor the log got Microsoft Graph's addresses, tokens, secrets or
// bodies.
func (s *Service) wantNothingPrivate(t testing.TB) {
	t.Helper()
	address, err := url.Parse(s.UpstreamURL)
	if err != nil {
		t.Fatal(err)
	}
	private := []string{address.Host, "client_assertion", Secret, "<html", "X-Ms-Ags", "login.microsoft"}
	if s.Emulator != nil {
		private = append(private, s.Emulator.ClientSecret())
	}
	for where, text := range map[string]string{"the responses": s.Received(), "the log": s.Log.String()} {
		for _, secret := range append(private, token.FindString(text)) {
			if secret == "" {
				continue
			}
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s contain %q: …%s", where, secret, text[max(0, at-200):min(len(text), at+200)])
			}
		}
	}
}

// Buffer collects text that several goroutines write, such as a log.
type Buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write appends to the text.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// Forget drops the text so far.
func (b *Buffer) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf = bytes.Buffer{}
}

// String returns the text so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
