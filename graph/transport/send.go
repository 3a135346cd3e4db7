package transport

import (
	"net/http"
)

// send writes an answer. One with a claims challenge becomes a 401 for callers whose client can answer it, since
// clients only look for the challenge there. Other callers that share the answer may not be of that kind, so it is not
// changed.
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
	if a.fresh.allow(w.Header(), r) {
		w.WriteHeader(http.StatusNotModified)
		return
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

// write sends an answer, with the extensions that it has to have. Answers are shared and not changed.
func (t HTTP) write(w http.ResponseWriter, a *answer) {
	if a.extended || len(t.Extensions) == 0 {
		a.write(w)
		return
	}
	extended := *a
	extended.after = append(appendMember([]byte{','}, "extensions", t.Extensions), '}')
	extended.write(w)
}
