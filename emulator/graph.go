package emulator

import (
	"net/http"
	"strings"
)

// answer is what a request is answered with, before it travels.
type answer struct {
	status      int
	contentType string // "" is JSON
	header      []headerLine
	body        []byte
	wire        *Fault // how the body travels; nil: as it should
}

// serveGraph answers one request to Microsoft Graph.
func (e *Emulator) serveGraph(w http.ResponseWriter, r *http.Request) {
	c := e.newCall(r)
	target := targetOf(r)
	entry := e.log.begin(r.Method, target, c.now)
	if !pause(r.Context(), e.latency) {
		return
	}
	buf := takeBuffer()
	defer giveBuffer(buf)
	ans := e.graph(r, c, target, entry, buf)
	e.log.end(entry, ans.status)
	e.send(w, r, c, &ans)
}

// graph decides the answer: token first, then what was asked.
func (e *Emulator) graph(r *http.Request, c *call, target string, entry *Request, buf *buffer) answer {
	if r.Method == http.MethodGet && isMetadata(target) {
		return e.metadata(buf)
	}
	caller, refusal := e.authorize(r, c)
	if caller != nil {
		c.caller = caller
		e.checkEarly(c, r.Method, target)
	}
	switch {
	case refusal != nil:
		return refused(buf, refusal, c)
	case isBatch(target):
		return e.batch(r, c, target, entry, buf)
	case r.Method != http.MethodGet:
		return refused(buf, errMethod, c)
	default:
		return e.resource(r, c, onGet, target, buf)
	}
}

// resource answers one GET, alone or as an item of a batch: one code for both.
func (e *Emulator) resource(r *http.Request, c *call, kind Kind, target string, buf *buffer) answer {
	fault := e.faults.take(kind, target)
	if fault == nil {
		return e.get(c, target, buf)
	}
	pause(r.Context(), fault.Latency)
	if ans, ok := fault.answer(e, c, target, buf); ok {
		return ans
	}
	c.fault = fault
	ans := e.get(c, target, buf)
	fault.spoil(&ans)
	return ans
}

// get looks up what is asked, and renders what of it is selected.
func (e *Emulator) get(c *call, target string, buf *buffer) answer {
	path, query, _ := strings.Cut(target, "?")
	at, ok := e.route(path)
	if !ok {
		return refused(buf, errUnknownPath, c)
	}
	if body := e.cannedAnswer(at, query, c); body != nil {
		return answer{status: 200, body: body}
	}
	asked := at.row
	if at.count {
		asked = asked.counter
	}
	s := asked.shape(query)
	if s.err != nil {
		return refused(buf, s.err, c)
	}
	if !at.row.entity {
		return e.list(c, at, s, target, buf)
	}
	en := e.single(at)
	if en == nil {
		return refused(buf, errUnknownKey, c)
	}
	mark := len(buf.bytes)
	buf.bytes = e.render(buf.bytes, at.row.of, en, s, c)
	return answer{status: 200, body: buf.bytes[mark:]}
}

// single returns the one entity that a path leads to, or nil.
func (e *Emulator) single(at resource) *entity {
	if at.row.owner == "" {
		return e.find(at.row.of, at.key)
	}
	if found := e.entities(at.row, at.key); len(found) > 0 && e.owned(at) {
		return found[0]
	}
	return nil
}

// refused renders an error.
func refused(buf *buffer, g *graphError, c *call) answer {
	mark := len(buf.bytes)
	buf.bytes = g.append(buf.bytes, c)
	return answer{status: g.status, header: g.header, body: buf.bytes[mark:]}
}

// refuse sends an error.
func (e *Emulator) refuse(w http.ResponseWriter, r *http.Request, c *call, g *graphError) {
	buf := takeBuffer()
	defer giveBuffer(buf)
	ans := refused(buf, g, c)
	e.send(w, r, c, &ans)
}

// targetOf returns path and query relative to the version root, as sent.
func targetOf(r *http.Request) string {
	uri := r.RequestURI
	if !hasPrefixFold(uri, "/v1.0/") {
		uri = r.URL.RequestURI() // in process, or below another path
	}
	return uri[len("/v1.0"):]
}

func isBatch(target string) bool {
	path, _, _ := strings.Cut(strings.TrimPrefix(target, "/"), "?")
	return strings.EqualFold(path, "$batch") || strings.EqualFold(path, "%24batch")
}
