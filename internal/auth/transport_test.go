package auth_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"portico/graph/code"
	"portico/internal/auth"
)

const claims = `{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}`

// challenged is Microsoft Graph's 401 of continuous access evaluation.
func challenged() answer {
	return answer{status: 401, header: map[string]string{
		"WWW-Authenticate": `Bearer realm="", authorization_uri=https://login.example.com/common/oauth2/authorize, error="insufficient_claims", claims="` +
			base64.StdEncoding.EncodeToString([]byte(claims)) + `"`,
	}}
}

func expired() answer {
	return answer{status: 401, body: `{"error":{"code":"InvalidAuthenticationToken","message":"Lifetime validation failed, the token is expired.\r\nsecond line"}}`}
}

func TestExpiredTokenIsRenewedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{slow: 50 * time.Millisecond}
		c.graph = func(_ int, token, body string) answer {
			if token == "graph-token-1" {
				return expired()
			}
			return answer{status: 200, body: body}
		}
		source := newSource(t, c, settings(auth.App))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if got, err := ask(t.Context(), source, c); err != nil || got != "the body" {
					t.Errorf("got %q, %v", got, err)
				}
			})
		}
		wg.Wait()
		if c.tokenRequests() != 2 || c.graphRequests.Load() != 40 {
			t.Errorf("%d token requests and %d to Microsoft Graph, want 2 and 40", c.tokenRequests(), c.graphRequests.Load())
		}
	})
}

func TestRefusedTokenIsNotRenewedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{graph: func(int, string, string) answer { return expired() }}
		source := newSource(t, c, settings(auth.App))
		_, err := ask(t.Context(), source, c)
		e := wantCode(t, err, code.UpstreamAuth)
		if want := "Microsoft Graph refused the token: InvalidAuthenticationToken: Lifetime validation failed, the token is expired."; e.Message != want {
			t.Errorf("got %q", e.Message)
		}
		if c.graphRequests.Load() != 2 {
			t.Errorf("%d tries, want 2", c.graphRequests.Load())
		}
		for range 100 {
			if _, err := ask(t.Context(), source, c); err == nil {
				t.Fatal("it got a response")
			}
			time.Sleep(100 * time.Millisecond)
		}
		if got := c.tokenRequests(); got > 2+10 {
			t.Errorf("%d token requests in ten seconds, want one a second", got)
		}
	})
}

func TestApplicationMeetsAClaimsChallenge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{}
		c.graph = func(n int, token, _ string) answer {
			if token == "graph-token-1" {
				return challenged()
			}
			return answer{status: 200, body: token}
		}
		source := newSource(t, c, settings(auth.App))
		if got, err := ask(t.Context(), source, c); err != nil || got != "graph-token-2" {
			t.Fatalf("got %q, %v", got, err)
		}
		if asked := c.form(1).Get("claims"); !strings.Contains(asked, "1700000000") || !strings.Contains(asked, "CP1") {
			t.Errorf("claims of the token request: %s", asked)
		}
		if got, err := ask(t.Context(), source, c); err != nil || got != "graph-token-2" || c.tokenRequests() != 2 {
			t.Errorf("the new token is not kept: %q, %v", got, err)
		}
	})
}

func TestChallengeOnBehalfOfACallerGoesToTheCaller(t *testing.T) {
	c := &cloud{graph: func(int, string, string) answer { return challenged() }}
	source := newSource(t, c, settings(auth.OnBehalfOf))
	_, err := ask(asUser(t.Context(), "caller-token"), source, c)
	e := wantCode(t, err, code.ClaimsChallenge)
	if e.Claims != claims || c.graphRequests.Load() != 1 {
		t.Errorf("got %+v after %d tries", e, c.graphRequests.Load())
	}
}

func TestEntraRequiresTheCallerToSignInAgain(t *testing.T) {
	c := &cloud{token: func(int, url.Values) answer {
		return answer{status: 400, body: `{"error":"interaction_required","error_description":"AADSTS50076: Multi-factor authentication is needed.","claims":"{\"access_token\":{\"x\":{}}}"}`}
	}}
	source := newSource(t, c, settings(auth.OnBehalfOf))
	_, err := ask(asUser(t.Context(), "caller-token"), source, c)
	if e := wantCode(t, err, code.ClaimsChallenge); e.Claims != `{"access_token":{"x":{}}}` {
		t.Errorf("got %+v", e)
	}
}

func TestExpiredTokenOnBehalfOfACallerIsRenewedOnce(t *testing.T) {
	c := &cloud{graph: func(_ int, token, _ string) answer {
		if token == "graph-token-1" {
			return expired()
		}
		return answer{status: 200, body: token}
	}}
	source := newSource(t, c, settings(auth.OnBehalfOf))
	if got, err := ask(asUser(t.Context(), "caller-token"), source, c); err != nil || got != "graph-token-2" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestPassthroughSendsTheCallersToken(t *testing.T) {
	c := &cloud{}
	s := settings(auth.Passthrough)
	s.Credential = auth.Credential{}
	source := newSource(t, c, s)
	if got, err := ask(as(t.Context(), "the-callers-own"), source, c); err != nil || got != "the-callers-own" {
		t.Errorf("got %q, %v", got, err)
	}
	c.graph = func(int, string, string) answer { return challenged() }
	_, err := ask(as(t.Context(), "the-callers-own"), source, c)
	if e := wantCode(t, err, code.Unauthenticated); e.Claims != claims {
		t.Errorf("got %+v", e)
	}
	if c.tokenRequests() != 0 || c.graphRequests.Load() != 2 {
		t.Errorf("%d token requests, %d to Microsoft Graph", c.tokenRequests(), c.graphRequests.Load())
	}
	if err := source.Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
}

func TestTokenGoesToNoOtherHost(t *testing.T) {
	c := &cloud{}
	source := newSource(t, c, settings(auth.App))
	body := &countingBody{Reader: strings.NewReader("x")}
	for _, target := range []string{"https://evil.example.net/v1.0", "https://graph.example.com:8443/v1.0", "http://graph.example.com/v1.0"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, body)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := source.Transport(c).RoundTrip(req); err == nil {
			_ = resp.Body.Close()
			t.Errorf("a token went to %s", target)
		}
	}
	if got := body.closed.Load(); got != 3 {
		t.Errorf("the body was closed %d times, want 3", got)
	}
	if c.tokenRequests() != 0 {
		t.Error("a token was fetched")
	}
}

// countingBody counts how often it is closed.
type countingBody struct {
	io.Reader
	closed atomic.Int32
}

func (b *countingBody) Close() error {
	b.closed.Add(1)
	return nil
}

func TestRequestIsLeftAsItWas(t *testing.T) {
	tests := []struct {
		name       string
		graph      answer
		replayable bool
		code       string
	}{
		{"an answer", answer{status: 200}, true, ""},
		{"a failed exchange", answer{err: errRefusedConnection}, true, ""},
		{"a refused token", expired(), true, code.UpstreamAuth},
		{"a refused token and a body that cannot be had again", expired(), false, code.UpstreamAuth},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &cloud{graph: func(int, string, string) answer { return test.graph }}
			source := newSource(t, c, settings(auth.App))
			first, second := &countingBody{Reader: strings.NewReader("x")}, &countingBody{Reader: strings.NewReader("x")}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, graphURL, first)
			if err != nil {
				t.Fatal(err)
			}
			if test.replayable {
				req.GetBody = func() (io.ReadCloser, error) { return second, nil }
			}
			resp, err := source.Transport(c).RoundTrip(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if test.code != "" {
				wantCode(t, err, test.code)
			}
			if req.Header.Get("Authorization") != "" {
				t.Error("the caller's request was changed")
			}
			if first.closed.Load() == 0 || second.closed.Load() == 0 && c.graphRequests.Load() == 2 {
				t.Error("a body was left open")
			}
			if tries := c.graphRequests.Load(); !test.replayable && tries != 1 {
				t.Errorf("%d tries without the body", tries)
			}
		})
	}
}

func TestCallerWithoutATokenIsRefused(t *testing.T) {
	for mode, want := range map[auth.Mode]string{auth.OnBehalfOf: "a token for this service", auth.Passthrough: "a token for Microsoft Graph"} {
		c := &cloud{}
		source := newSource(t, c, settings(mode))
		_, err := ask(t.Context(), source, c)
		e := wantCode(t, err, code.Unauthenticated)
		if !strings.Contains(e.Message, "Authorization: Bearer") || !strings.Contains(e.Message, want) {
			t.Errorf("%s: %s", mode, e.Message)
		}
		if err := source.Admit(t.Context()); !errors.As(err, &e) {
			t.Errorf("%s: admitted, %v", mode, err)
		}
		if c.tokenRequests()+int(c.graphRequests.Load()) != 0 {
			t.Errorf("%s: a request was sent", mode)
		}
	}
}

// Whoever reads a response can remove from its text the tokens that the request, or the caller's request, had.
func TestABodyRedactsItsTokens(t *testing.T) {
	caller := user("ada")
	for _, mode := range []auth.Mode{auth.App, auth.OnBehalfOf, auth.Passthrough} {
		t.Run(string(mode), func(t *testing.T) {
			var sent string
			c := &cloud{token: func(n int, _ url.Values) answer { return granted(n) }}
			c.graph = func(_ int, token, _ string) answer {
				sent = token
				return answer{status: http.StatusForbidden, body: "{}"}
			}
			req, err := http.NewRequestWithContext(as(t.Context(), caller), http.MethodGet, graphURL+"/x", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := newSource(t, c, settings(mode)).Transport(c).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			knows, ok := resp.Body.(interface{ Redact(text string) string })
			if !ok {
				t.Fatalf("%T knows nothing", resp.Body)
			}
			if got := knows.Redact("cannot read " + sent + " of " + caller); got != "cannot read [redacted] of [redacted]" {
				t.Errorf("got %q", got)
			}
		})
	}
}
