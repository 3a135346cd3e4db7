package transport

import (
	"context"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/incremental"
)

// boundary parts the payloads of a multipart answer. Apollo Client and others look for this one.
const boundary = "-"

// stream answers an operation whose client takes an answer in parts. Whether there are parts is known with the first
// payload: an operation that defers nothing after all is answered like any other.
func (t HTTP) stream(
	w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, raw *received, mediaType string,
) {
	life, leave := t.limit(incremental.WithParts(r.Context()))
	defer leave()
	oc, rejected := t.prepare(life, exec, raw, mediaType)
	if rejected != nil {
		t.write(w, report(life, rejected))
		return
	}
	responses, inner := exec.DispatchOperation(life, oc)
	ctx := context.WithoutCancel(inner) // what is executed ends with life; its parts are sent all the same
	first := responses(ctx)
	if !hasNext(first) {
		a := report(life, t.finish(inner, first, oc, mediaType))
		leave() // what nobody waited for does not last as long as a slow client
		t.send(w, r, a)
		return
	}
	t.showQuota(w, r)
	p := newParts(w, t.Limits.Errors)
	p.initial(first)
	a := &answer{operation: oc.Operation.Name, errors: len(first.Errors), codes: codesOf(first.Errors)}
	for resp := first; hasNext(resp); {
		if resp = responses(ctx); resp == nil {
			break
		}
		a.errors, a.codes = a.errors+len(resp.Errors), append(a.codes, codesOf(resp.Errors)...)
		if p.incremental(resp); p.err != nil {
			leave() // what is still being resolved is for nobody
		}
	}
	p.close()
	a.execution = executionOf(life, oc, first)
	report(life, a)
}

// hasNext reports whether a payload promises another.
func hasNext(resp *graphql.Response) bool { return resp != nil && resp.HasNext != nil && *resp.HasNext }

// parts writes a multipart answer, each payload as soon as it is there.
//
// https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
type parts struct {
	w         http.ResponseWriter
	control   *http.ResponseController
	maxErrors int
	open      bool
	err       error // of the first write that failed: nobody reads any more
}

func newParts(w http.ResponseWriter, maxErrors int) *parts {
	h := w.Header()
	h.Set("Content-Type", `multipart/mixed; boundary="`+boundary+`"; deferSpec=`+deferSpec)
	h.Set("X-Accel-Buffering", "no") // a proxy that gathers the parts would undo them
	w.WriteHeader(http.StatusOK)
	return &parts{w: w, control: http.NewResponseController(w), maxErrors: maxErrors, open: true}
}

// initial writes the first payload. The delimiter after it is written at once: clients take a part for complete only
// when they see the next one begin.
func (p *parts) initial(resp *graphql.Response) {
	before, after := envelope(resp, p.maxErrors)
	after = append(after[:len(after)-1], `,"hasNext":true}`...)
	p.write("\r\n--" + boundary + "\r\nContent-Type: application/json; charset=utf-8\r\n\r\n")
	p.payload(before, resp.Data, after, true)
}

// incremental writes one deferred payload.
func (p *parts) incremental(resp *graphql.Response) {
	before, after := envelope(resp, p.maxErrors)
	tail := after[:len(after)-1]
	if resp.Label != "" {
		tail = appendMember(append(tail, ','), "label", resp.Label)
	}
	tail = appendMember(append(tail, ','), "path", append(ast.Path{}, resp.Path...))
	tail = append(tail, `}],"hasNext":`...)
	tail = append(strconv.AppendBool(tail, hasNext(resp)), '}')
	p.write("Content-Type: application/json; charset=utf-8\r\n\r\n" + `{"incremental":[`)
	p.payload(before, resp.Data, tail, hasNext(resp))
}

// payload writes the end of a part, and the delimiter that follows it.
func (p *parts) payload(before, data, after []byte, more bool) {
	p.write(string(before))
	p.write(string(data))
	p.write(string(after))
	p.open = more
	if more {
		p.write("\r\n--" + boundary + "\r\n")
	} else {
		p.write("\r\n--" + boundary + "--\r\n")
	}
	if p.err == nil {
		_ = p.control.Flush() // a writer that cannot flush sends all at the end
	}
}

// close ends an answer whose last payload promised another.
func (p *parts) close() {
	if p.open {
		p.write("Content-Type: application/json; charset=utf-8\r\n\r\n")
		p.payload([]byte("{"), nil, []byte(`"hasNext":false}`), false)
	}
}

func (p *parts) write(text string) {
	if p.err == nil {
		_, p.err = p.w.Write([]byte(text))
	}
}
