package emulator

import (
	"net/http"
	"net/url"
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
	ans := e.get(c, target, buf)
	fault.spoil(&ans)
	return ans
}

// get looks the entity up and renders what of it was asked.
func (e *Emulator) get(c *call, target string, buf *buffer) answer {
	path, query, _ := strings.Cut(target, "?")
	p, key := e.route(path)
	if p == nil {
		return refused(buf, errUnknownPath, c)
	}
	s := p.shape(query)
	if s.err != nil {
		return refused(buf, s.err, c)
	}
	en := e.sets[p.set].find(key)
	if en == nil {
		return refused(buf, errUnknownKey, c)
	}
	mark := len(buf.bytes)
	buf.bytes = e.render(buf.bytes, p, en, s, c)
	return answer{status: 200, body: buf.bytes[mark:]}
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

const root = "security/threatIntelligence/"

// route finds the endpoint and the key of a path. Segments match in any letter case, and the key may stand in
// parentheses, as both occur in the field.
func (e *Emulator) route(path string) (*endpoint, string) {
	path = strings.TrimPrefix(path, "/")
	if !hasPrefixFold(path, root) {
		return nil, ""
	}
	set, key, slashed := strings.Cut(path[len(root):], "/")
	if !slashed {
		return e.routeParentheses(set)
	}
	p := e.endpoint(set)
	if p == nil || key == "" || strings.Contains(key, "/") {
		return nil, ""
	}
	if strings.IndexByte(key, '%') >= 0 {
		plain, err := url.PathUnescape(key)
		if err != nil {
			return nil, ""
		}
		key = plain
	}
	return p, key
}

// routeParentheses reads hosts('contoso.com'), where a quote in the key is doubled.
func (e *Emulator) routeParentheses(segment string) (*endpoint, string) {
	segment, err := url.PathUnescape(segment)
	if err != nil {
		return nil, ""
	}
	set, rest, ok := strings.Cut(segment, "('")
	key, closed := strings.CutSuffix(rest, "')")
	p := e.endpoint(set)
	if !ok || !closed || key == "" || p == nil {
		return nil, ""
	}
	return p, strings.ReplaceAll(key, "''", "'")
}
