package auth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/internal/auth"
)

const (
	tenant    = "11111111-2222-4333-8444-555555555555"
	clientID  = "66666666-7777-4888-9999-aaaaaaaaaaaa"
	secret    = "s3cr3t-value"
	authority = "https://login.example.com"
	graphURL  = "https://graph.example.com/v1.0"
)

// cloud plays Microsoft Entra ID, the managed identity endpoint and Microsoft Graph
// without a socket, so that tests of time can run on a clock that does not wait.
type cloud struct {
	mu    sync.Mutex
	forms []url.Values
	times []time.Time

	discoveries, graphRequests atomic.Int32

	// token answers token requests, by number from 1; nil grants for an hour.
	token func(n int, form url.Values) answer
	// graph answers Microsoft Graph; nil accepts every token.
	graph func(n int, token, body string) answer
	// slow is how long a token takes.
	slow time.Duration
}

type answer struct {
	status int
	body   string
	header map[string]string
	err    error
}

func (c *cloud) RoundTrip(req *http.Request) (*http.Response, error) {
	var body string
	if req.Body != nil {
		data, _ := io.ReadAll(req.Body)
		body = string(data)
		_ = req.Body.Close()
	}
	a := c.answer(req, body)
	if a.err != nil {
		return nil, a.err
	}
	resp := &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body)), Request: req}
	for k, v := range a.header {
		resp.Header.Set(k, v)
	}
	return resp, nil
}

func (c *cloud) answer(req *http.Request, body string) answer {
	switch {
	case req.URL.Host == "graph.example.com":
		n := int(c.graphRequests.Add(1))
		token := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
		if c.graph == nil {
			return answer{status: 200, body: token}
		}
		return c.graph(n, token, body)
	case strings.HasSuffix(req.URL.Path, "openid-configuration"):
		c.discoveries.Add(1)
		base := authority + "/" + tenant
		return answer{status: 200, body: fmt.Sprintf(`{"token_endpoint":"%s/oauth2/v2.0/token","authorization_endpoint":"%[1]s/a","issuer":"%[1]s/v2.0"}`, base)}
	}
	form, _ := url.ParseQuery(body)
	if req.URL.Host == "169.254.169.254" {
		form = req.URL.Query()
	}
	return c.grant(req.Context(), form)
}

func (c *cloud) grant(ctx context.Context, form url.Values) answer {
	c.mu.Lock()
	c.forms = append(c.forms, form)
	c.times = append(c.times, time.Now())
	n := len(c.forms)
	c.mu.Unlock()
	select {
	case <-time.After(c.slow):
	case <-ctx.Done():
		return answer{err: ctx.Err()}
	}
	if c.token != nil {
		return c.token(n, form)
	}
	return granted(n)
}

func granted(n int) answer { return grantedFor(n, time.Hour) }

func grantedFor(n int, life time.Duration) answer {
	return answer{status: 200, body: fmt.Sprintf(
		`{"token_type":"Bearer","access_token":"graph-token-%d","expires_in":%d,"expires_on":"%d"}`, n, int(life.Seconds()), time.Now().Add(life).Unix())}
}

func refused(status int, name, description string) answer {
	body, _ := json.Marshal(map[string]any{"error": name, "error_description": description, "correlation_id": "c0ffee"})
	return answer{status: status, body: string(body)}
}

func (c *cloud) tokenRequests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.forms)
}

func (c *cloud) form(i int) url.Values {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.forms[i]
}

// gaps returns the times between token requests.
func (c *cloud) gaps() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	var gaps []time.Duration
	for i := 1; i < len(c.times); i++ {
		gaps = append(gaps, c.times[i].Sub(c.times[i-1]))
	}
	return gaps
}

func settings(mode auth.Mode) auth.Settings {
	return auth.Settings{
		Authority: authority, GraphURL: graphURL, Scope: "https://graph.example.com/.default",
		TenantID: tenant, ClientID: clientID, Mode: mode, Credential: auth.ClientSecret(secret),
	}
}

func newSource(t *testing.T, c *cloud, s auth.Settings) *auth.Source {
	t.Helper()
	source, err := auth.New(s, &http.Client{Transport: c})
	if err != nil {
		t.Fatalf("making the source: %v", err)
	}
	return source
}

// ask sends one request to Microsoft Graph through the source, for whoever ctx names,
// and returns what came back: with no script, the token that Microsoft Graph saw.
func ask(ctx context.Context, source *auth.Source, base http.RoundTripper) (string, error) {
	client := &http.Client{Transport: source.Transport(base)}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, graphURL+"/$batch", strings.NewReader("the body"))
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return string(body), err
}

// user returns a token of a user that may be exchanged, until the year 2100. It is not signed.
func user(name string) string { return jwt(name, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)) }

// asUser returns a context of the user with the name, or of one with a token.
func asUser(ctx context.Context, name string) context.Context {
	if !strings.Contains(name, ".") {
		name = user(name)
	}
	return as(ctx, name)
}

// nameOf returns the name of the user whose token was to be exchanged.
func nameOf(form url.Values) string {
	var claims struct{ Sub string }
	payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(form.Get("assertion")+"..", ".")[1])
	_ = json.Unmarshal(payload, &claims)
	return claims.Sub
}

// as returns a context of the caller with the token.
func as(ctx context.Context, token string) context.Context {
	return auth.WithCaller(ctx, auth.Caller{Token: token, Key: auth.TokenKey(token), Peer: auth.CallerOf(ctx).Peer})
}

// from returns a context of a caller at a network address, who brought no token yet.
func from(ctx context.Context, peer string) context.Context {
	return auth.WithCaller(ctx, auth.Caller{Peer: peer})
}

// logTo returns settings whose log is written to the buffer.
func logTo(s auth.Settings, buffer *bytes.Buffer) auth.Settings {
	s.Log = slog.New(slog.NewJSONHandler(buffer, nil))
	return s
}

func retryAfter(seconds int) map[string]string {
	return map[string]string{"Retry-After": strconv.Itoa(seconds)}
}

func asError(err error) (*auth.Error, bool) {
	var e *auth.Error
	ok := errors.As(err, &e)
	return e, ok
}

// trip returns a round tripper that calls enter before each token request of another one, and what that returned after it.
func trip(enter func() (leave func()), base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if strings.HasSuffix(req.URL.Path, "/token") {
			defer enter()()
		}
		return base.RoundTrip(req)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func newSourceVia(t *testing.T, base http.RoundTripper, s auth.Settings) *auth.Source {
	t.Helper()
	source, err := auth.New(s, &http.Client{Transport: base})
	if err != nil {
		t.Fatalf("making the source: %v", err)
	}
	return source
}
