package transport

import (
	"net/http"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
)

// claimsIn returns the claims that the first claims challenge among the errors asks for.
func claimsIn(list gqlerror.List) string {
	for _, err := range list {
		if c := err.Extensions["code"]; c == code.ClaimsChallenge || c == code.Unauthenticated {
			if claims, ok := err.Extensions["claims"].(string); ok {
				return claims
			}
		}
	}
	return ""
}

// send writes an answer. One with a claims challenge becomes a 401 for callers whose client can answer it, since clients
// only look for the challenge there. Other callers that share the answer may not be of that kind, so it is not changed.
func (t HTTP) send(w http.ResponseWriter, r *http.Request, a *answer) {
	t.showQuota(w, r)
	if a.claims != "" && t.Challenge != nil {
		if challenge := t.Challenge(r.Context(), a.claims); challenge != "" {
			w.Header().Set("WWW-Authenticate", challenge)
			again := *a
			again.status = http.StatusUnauthorized
			a = &again
		}
	}
	t.write(w, a)
}

// showQuota sets the RateLimit header fields, from which clients learn how much they may still request.
func (t HTTP) showQuota(w http.ResponseWriter, r *http.Request) {
	if t.Quota == nil {
		return
	}
	if state := t.Quota(r.Context()); state.Limit > 0 {
		policy, limit := state.Headers("items")
		w.Header().Set("RateLimit-Policy", policy)
		w.Header().Set("RateLimit", limit)
	}
}
