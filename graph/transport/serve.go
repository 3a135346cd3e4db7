package transport

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

var _ graphql.Transport = HTTP{}

// Supports reports whether the transport answers a request: it answers all of them.
func (HTTP) Supports(*http.Request) bool { return true }

// Do answers one request.
func (t HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	secure(w.Header())
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", refusedMethod.allow)
		w.Header().Set("Accept-Query", typeJSON)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	accepts := negotiate(r.Header["Accept"])
	mediaType := accepts.single
	if mediaType == "" {
		mediaType = typeJSON // for refusals, and for answers in one part
	}
	raw, refused := t.receive(w, r, accepts)
	switch {
	case refused != nil:
		w.Header().Set("Accept-Query", typeJSON)
		t.write(w, report(r.Context(), refused.answer(mediaType)))
	case accepts.incremental && raw.mayDefer(t.Documents != nil):
		t.stream(w, r, exec, raw, mediaType)
	default:
		t.send(w, r, t.single(r.Context(), exec, raw, mediaType))
	}
}

// receive reads a request whose headers allow it.
func (t HTTP) receive(w http.ResponseWriter, r *http.Request, accepts acceptance) (*received, *rejection) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != methodQuery:
		return nil, refusedMethod
	case t.crossSite(r):
		return nil, refusedOrigin
	case accepts.single == "" && !accepts.incremental:
		return nil, refusedAccept
	case r.Method == http.MethodGet:
		return receiveGET(r, int64(t.Limits.Body))
	}
	return receivePOST(w, r, int64(t.Limits.Body))
}
