package auth

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"

	"portico/graph/code"
	"portico/internal/redact"
)

// Transport returns a round tripper that sends each request through base with a token for whoever its context names.
// When Microsoft Graph answers 401 it renews the token, or asks for one that meets the claims challenge, and sends the
// request once more if its body can be had again (GetBody). What then fails, and what only the caller can mend, is an
// [*Error]; http.Client wraps it, errors.As finds it.
func (s *Source) Transport(base http.RoundTripper) http.RoundTripper {
	return &transport{source: s, base: base}
}

type transport struct {
	source *Source
	base   http.RoundTripper
}

// errForeign guards against a token going where a redirect or a link points.
var errForeign = errors.New("refusing to send a token to another host than that of Microsoft Graph")

// RoundTrip implements [http.RoundTripper]. Each request that it sent can be counted: a response's Request leads to
// those before it, as after a redirect, and an error after a response has a method Response.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	first, token, err := t.send(req, req.Body, nil)
	if err != nil || first.StatusCode != http.StatusUnauthorized {
		return first, err
	}
	again, refused := t.source.unauthorized(req.Context(), first, token, false)
	body, replayable := rewind(req)
	if !again || !replayable {
		return nil, &after{refused, first}
	}
	resp, token, err := t.send(req, body, first)
	if err != nil {
		return nil, &after{err, first}
	}
	if resp.StatusCode == http.StatusUnauthorized {
		_, refused = t.source.unauthorized(req.Context(), resp, token, true)
		return nil, &after{refused, resp}
	}
	return resp, nil
}

// Unauthorized treats a 401 that came inside another response, as an item of a batch, like one of its own. resp has
// the header and the body of the item, and the request of the batch. Last says that a new token was tried before.
// again reports whether sending the item once more may help; err is what the 401 means if it stands.
func (t *transport) Unauthorized(resp *http.Response, last bool) (again bool, err error) {
	token, _ := strings.CutPrefix(resp.Request.Header.Get("Authorization"), "Bearer ")
	resp.Body = guard(resp.Request.Context(), resp.Body, token)
	return t.source.unauthorized(resp.Request.Context(), resp, token, last)
}

// after is an error that came after a response had been received.
type after struct {
	error
	response *http.Response
}

// Unwrap returns the error itself.
func (a *after) Unwrap() error { return a.error }

// Response returns the last response before the error. Its body was read.
func (a *after) Response() *http.Response { return a.response }

// unauthorized reads a 401 and closes its body. It reports whether another token may help, which it never does the
// last time, and what the 401 means if it stands.
func (s *Source) unauthorized(
	ctx context.Context, resp *http.Response, token string, last bool,
) (again bool, err *Error) {
	claims := claimsOf(resp.Header.Values("WWW-Authenticate"))
	err = s.refused(shown(claims, resp), graphReason(resp))
	return !last && s.replace(ctx, token, claims), err
}

// shown returns the claims if a caller may see them: not if they hold a token or a URL, as no challenge of Microsoft
// Graph does.
func shown(claims string, resp *http.Response) string {
	if g, ok := resp.Body.(*guarded); ok && !redact.Clean(claims, g.secrets[:]...) {
		return ""
	}
	return claims
}

// guarded is the body of a response to a request with a token. What reads it removes from every text of it that becomes
// part of an error the tokens that only this package knows.
type guarded struct {
	io.ReadCloser
	secrets [2]string
}

func guard(ctx context.Context, body io.ReadCloser, token string) *guarded {
	return &guarded{body, [2]string{token, CallerOf(ctx).Token}}
}

// Redact returns text as it may be shown; see package redact.
func (g *guarded) Redact(text string) string { return redact.Text(text, g.secrets[:]...) }

// send sends a copy of req, which a round tripper must not change, with body and a token. It closes body whatever
// happens. led is the response that led to this request, if any.
func (t *transport) send(req *http.Request, body io.ReadCloser, led *http.Response) (*http.Response, string, error) {
	if originOf(req.URL) != t.source.origin {
		closeBody(body)
		return nil, "", errForeign
	}
	token, err := t.source.token(req.Context())
	if err != nil {
		closeBody(body)
		return nil, "", err
	}
	again := req.WithContext(req.Context()) // a copy; its header is the one thing that differs
	again.Body, again.Response = body, led
	again.Header = maps.Clone(req.Header)
	if again.Header == nil {
		again.Header = http.Header{}
	}
	again.Header.Set("Authorization", "Bearer "+token)
	if t.source.identify != nil {
		t.source.identify(req.Context(), again.Header)
	}
	resp, err := t.base.RoundTrip(again)
	if err == nil {
		resp.Request = again // for those who count what was sent, whatever stands below
		resp.Body = guard(req.Context(), resp.Body, token)
	}
	return resp, token, err
}

func closeBody(body io.ReadCloser) {
	if body != nil {
		_ = body.Close() // nothing was read from it, so nothing is lost
	}
}

// rewind returns the body of req from its beginning, if it can be had again.
func rewind(req *http.Request) (io.ReadCloser, bool) {
	if req.Body == nil || req.Body == http.NoBody {
		return req.Body, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	return body, err == nil
}

// refused is the error for a 401 that stands, as the mode sees it.
func (s *Source) refused(claims, reason string) *Error {
	switch {
	case s.mode == Passthrough:
		message := "Microsoft Graph refused the caller's token" + reason
		return &Error{Code: code.Unauthenticated, Claims: claims, Message: message}
	case s.mode == OnBehalfOf && claims != "":
		message := "Microsoft Graph requires the caller to sign in again" + reason
		return &Error{Code: code.ClaimsChallenge, Claims: claims, Message: message}
	}
	return &Error{Code: code.UpstreamAuth, Message: "Microsoft Graph refused the token" + reason}
}

// replace takes the refused token out of use and reports whether another one may help: never the caller's own, nor,
// against a claims challenge, another one on behalf of the same proof.
func (s *Source) replace(ctx context.Context, token, claims string) bool {
	if s.mode == Passthrough || s.mode == OnBehalfOf && claims != "" {
		return false
	}
	return s.wallet.reject(s.walletKey(ctx), token, claims)
}

// maxReason is how much of a refusal's body is read.
const maxReason = 64 << 10

// graphReason reads the code and message of Microsoft Graph's error object, closes the body, and returns ": code:
// message", or "" if there is nothing fit to show.
func graphReason(resp *http.Response) string {
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReason))
	if err != nil {
		return ""
	}
	var envelope struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &envelope) != nil || envelope.Error.Code == "" {
		return ""
	}
	text, _, _ := strings.Cut(envelope.Error.Code+": "+strings.ReplaceAll(envelope.Error.Message, "\r", "\n"), "\n")
	if g, ok := resp.Body.(*guarded); ok {
		text = g.Redact(text)
	}
	text = firstLine(text)
	return ": " + strings.TrimSuffix(text, ": ")
}
