package emulator

import (
	"net/http"
	"strings"

	"portico/emulator/entra"
	"portico/emulator/odata"
)

// serveGraph responds to one request to Microsoft Graph.
func (e *Emulator) serveGraph(w http.ResponseWriter, r *http.Request) {
	c := e.newCall(r)
	target := targetOf(r)
	entry := e.log.begin(r.Method, target, c)
	if !pause(r.Context(), e.settings.latency) {
		return
	}
	buf := takeBuffer()
	defer giveBuffer(buf)
	ans := e.graph(r, c, target, entry, buf)
	e.log.end(entry, ans.status)
	e.send(w, r, c, &ans)
}

// graph checks the token first, and then what the request is for. The two documents that describe the service need no
// token.
func (e *Emulator) graph(r *http.Request, c *call, target string, entry *Request, buf *buffer) answer {
	if r.Method == http.MethodGet && isSegment(target, "$metadata") {
		return answer{status: http.StatusOK, contentType: "application/xml", body: []byte(odata.Metadata())}
	}
	if r.Method == http.MethodGet && isSegment(target, "") {
		return e.get(c, target, buf)
	}
	refusal := e.authorize(r, c)
	if c.caller != nil {
		e.early.check(c, r.Method, target)
		if !isBatch(target) {
			e.early.checkItem(c, r.Method, target)
		}
	}
	if e.settings.observed.batchItems && isBatch(target) {
		c.refusal, refusal = refusal, nil
	}
	switch {
	case refusal != nil:
		return refused(buf, refusal, c)
	case isBatch(target):
		return e.batch(r, c, target, entry, buf)
	case r.Method != http.MethodGet:
		return refused(buf, errMethod, c)
	default:
		return e.resource(r, c, target, buf)
	}
}

// authorize checks the token of a request. The caller is known if the token is genuine, even if it is refused.
func (e *Emulator) authorize(r *http.Request, c *call) *odata.Error {
	caller, refusal := e.Authorize(first(r.Header["Authorization"]), c.at, c.now)
	c.caller = caller
	return refusalOf(refusal)
}

func refusalOf(r *entra.Refusal) *odata.Error {
	switch {
	case r == nil:
		return nil
	case r.Forbidden:
		return errForbidden
	default:
		return &odata.Error{Status: http.StatusUnauthorized, Code: "InvalidAuthenticationToken", Message: r.Message}
	}
}

// isGraphPath reports whether a path is below the version of the API, or is that version.
func isGraphPath(path string) bool { return hasPrefixFold(path+"/", "/v1.0/") }

// targetOf returns path and query relative to the version of the API, as sent.
func targetOf(r *http.Request) string {
	uri := r.RequestURI
	if path, _, _ := strings.Cut(uri, "?"); !isGraphPath(path) {
		uri = r.URL.RequestURI() // in process, or below another path
	}
	return uri[len("/v1.0"):]
}
