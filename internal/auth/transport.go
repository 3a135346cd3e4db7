package auth

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
)

// Transport returns a round tripper that sends each request through base with a
// token for whoever its context names. When Microsoft Graph answers 401 it renews
// the token, or asks for one that meets the claims challenge, and sends the request
// once more if its body can be had again (GetBody). What then fails, and what only
// the caller can mend, is an [*Error]; http.Client wraps it, errors.As finds it.
func (s *Source) Transport(base http.RoundTripper) http.RoundTripper {
	return &transport{source: s, base: base}
}

type transport struct {
	source *Source
	base   http.RoundTripper
}

// errForeign guards against a token going where a redirect or a link points.
var errForeign = errors.New("refusing to send a token to another host than that of Microsoft Graph")

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, token, err := t.send(req, req.Body)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	claims := claimsOf(resp.Header.Values("WWW-Authenticate"))
	refused := t.source.refused(claims, graphReason(resp, token))
	if !t.source.replace(req, token, claims) {
		return nil, refused
	}
	body, replayable := rewind(req)
	if !replayable {
		return nil, refused
	}
	resp, token, err = t.send(req, body)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	claims = claimsOf(resp.Header.Values("WWW-Authenticate"))
	return nil, t.source.refused(claims, graphReason(resp, token))
}

// send sends a copy of req, which a round tripper must not change, with body and a
// token. It closes body whatever happens.
func (t *transport) send(req *http.Request, body io.ReadCloser) (*http.Response, string, error) {
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
	again.Body = body
	again.Header = maps.Clone(req.Header)
	if again.Header == nil {
		again.Header = http.Header{}
	}
	again.Header.Set("Authorization", "Bearer "+token)
	resp, err := t.base.RoundTrip(again)
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
		return &Error{Code: CodeUnauthenticated, Claims: claims, Message: "Microsoft Graph refused the caller's token" + reason}
	case s.mode == OnBehalfOf && claims != "":
		return &Error{Code: CodeClaimsChallenge, Claims: claims, Message: "Microsoft Graph asks the caller to sign in again" + reason}
	}
	return &Error{Code: CodeUpstreamAuth, Message: "Microsoft Graph refused the token" + reason}
}

// replace takes the refused token out of use and reports whether another one may
// help: never the caller's own, nor, against a claims challenge, another one on
// behalf of the same proof.
func (s *Source) replace(req *http.Request, token, claims string) bool {
	if s.mode == Passthrough || s.mode == OnBehalfOf && claims != "" {
		return false
	}
	return s.wallet.reject(s.Identity(req.Context()), token, claims)
}

// maxReason is how much of a refusal's body is read.
const maxReason = 64 << 10

// graphReason reads the code and message of Microsoft Graph's error object, closes
// the body, and returns ": code: message", or "" if there is nothing fit to show.
func graphReason(resp *http.Response, token string) string {
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
	text := firstLine(envelope.Error.Code + ": " + envelope.Error.Message)
	// Some messages quote the token, whole or its first part.
	if strings.Contains(text, token) || strings.Contains(text, "eyJ") {
		text = firstLine(envelope.Error.Code)
	}
	return ": " + strings.TrimSuffix(text, ": ")
}
