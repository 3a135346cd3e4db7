package callers

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"portico/graph/code"
)

// The errors of RFC 6750, section 3.1.
const (
	invalidRequest    = "invalid_request"
	invalidToken      = "invalid_token"
	insufficientScope = "insufficient_scope"
)

// A refusal is the response to a request that may not go on. Its message is ASCII without quotes, because it is also
// sent as error_description, and repeats nothing of the token.
type refusal struct {
	status  int
	code    string
	oauth   string // the error of RFC 6750; empty if the request had no token
	message string
	scopes  []string
	wait    int // seconds, for Retry-After
}

// reason returns one of a few words, for metrics.
func (r *refusal) reason() string {
	switch {
	case r.oauth != "":
		return r.oauth
	case r.code == code.Unauthenticated:
		return "no_token"
	}
	return strings.ToLower(r.code)
}

// Error returns the message.
func (r *refusal) Error() string { return r.message }

func unauthenticated(message string) *refusal {
	return &refusal{status: http.StatusUnauthorized, code: code.Unauthenticated, oauth: invalidToken, message: message}
}

func forbidden(message string) *refusal {
	return &refusal{status: http.StatusForbidden, code: code.Forbidden, message: message}
}

func missingScope(message string, scopes []string) *refusal {
	return &refusal{
		status: http.StatusForbidden, code: code.Forbidden, oauth: insufficientScope, message: message,
		scopes: scopes,
	}
}

var (
	errNoToken = &refusal{
		status: http.StatusUnauthorized, code: code.Unauthenticated,
		message: "This service requires an access token. Send it in the header Authorization: Bearer TOKEN.",
	}
	// A proxy in front may have checked the other one.
	errTwoTokens = &refusal{
		status: http.StatusBadRequest, code: code.BadRequest, oauth: invalidRequest,
		message: "The request has more than one Authorization header. Send one.",
	}
	errMalformed = unauthenticated("The access token is malformed.")
	errNoKeys    = &refusal{
		status: http.StatusServiceUnavailable, code: code.NotReady,
		message: "The signing keys of the token's issuer are not loaded yet. Try again in a few seconds.", wait: 2,
	}
)

// challenge returns the WWW-Authenticate header of the refusal.
func (r *refusal) challenge(metadata string) string {
	var b strings.Builder
	b.WriteString(`Bearer realm="portico"`)
	if r.oauth != "" {
		b.WriteString(`, error="` + r.oauth + `", error_description="` + r.message + `"`)
	}
	if len(r.scopes) > 0 {
		b.WriteString(`, scope="` + strings.Join(r.scopes, " ") + `"`)
	}
	b.WriteString(`, resource_metadata="` + metadata + `"`)
	return b.String()
}

// write sends the refusal with a GraphQL error in its body.
func (r *refusal) write(w http.ResponseWriter, request *http.Request, metadata string) {
	h := w.Header()
	switch {
	case r.wait > 0:
		h.Set("Retry-After", strconv.Itoa(r.wait))
	case metadata != "":
		h.Set("WWW-Authenticate", r.challenge(metadata))
	}
	mediaType := "application/json"
	if strings.Contains(strings.Join(request.Header["Accept"], ","), "application/graphql-response+json") {
		mediaType = "application/graphql-response+json"
	}
	h.Set("Content-Type", mediaType+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept, Authorization, Origin")
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // a caller that has left needs no response
		"errors": []any{map[string]any{"message": r.message, "extensions": map[string]any{"code": r.code}}},
	})
}

// claimsChallenge returns the WWW-Authenticate header that asks the caller's client for a token with the claims.
// https://learn.microsoft.com/entra/identity-platform/claims-challenge
func claimsChallenge(authorization, claims string) string {
	return `Bearer realm="", authorization_uri="` + authorization + `", error="insufficient_claims", claims="` +
		base64.StdEncoding.EncodeToString([]byte(claims)) + `"`
}
