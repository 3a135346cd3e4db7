package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json/jsontext"

	"portico/graph/code"
)

// methodQuery is POST's counterpart for requests that change nothing (RFC 10008).
const methodQuery = "QUERY"

// A received request is one as it came: complete, within its limit, not yet read.
type received struct {
	get    bool
	safe   bool   // by a method that may only hold a query
	text   []byte // the body, or the query string of a GET
	named  string // the document that the path names
	header http.Header
}

// sameOrigin is the rule of net/http about requests that a browser sends for another site.
var sameOrigin http.CrossOriginProtection

// crossSite reports whether a browser sent the request for a page of another site that is not allowed. net/http lets
// such a GET pass, as one that changes nothing; here it would still spend the quota upstream.
func (t HTTP) crossSite(r *http.Request) bool {
	if r.Header["Sec-Fetch-Site"] == nil && r.Header["Origin"] == nil {
		return false
	}
	strict := *r
	strict.Method = http.MethodPost
	if t.CrossOrigin == nil {
		return sameOrigin.Check(&strict) != nil
	}
	return t.CrossOrigin.Check(&strict) != nil
}

func receiveGET(r *http.Request, limit int64) (*received, *rejection) {
	if limit > 0 && int64(len(r.URL.RawQuery)) > limit {
		tooLong := reject(code.LimitBody, "The query string is longer than %d bytes.", limit)
		tooLong.status = http.StatusRequestURITooLong
		return nil, tooLong
	}
	return &received{
		get: true, safe: true, text: []byte(r.URL.RawQuery), named: r.PathValue(DocumentInPath), header: r.Header,
	}, nil
}

func receivePOST(w http.ResponseWriter, r *http.Request, limit int64) (*received, *rejection) {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, refusedEncoding
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, refusedType
	}
	body, err := readBody(w, r, limit)
	if err != nil {
		return nil, rejectBody(err)
	}
	return &received{
		safe: r.Method == methodQuery, text: body, named: r.PathValue(DocumentInPath), header: r.Header,
	}, nil
}

// isJSON reports whether a Content-Type is JSON in UTF-8. No HTML form can send that type, so that a page of another
// site has to ask the browser's permission first, which is never given.
func isJSON(contentType string) bool {
	if contentType == typeJSON {
		return true
	}
	name, params, err := mime.ParseMediaType(contentType)
	if err != nil || name != typeJSON {
		return false
	}
	charset, ok := params["charset"]
	return !ok || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

// maxReserved is how many bytes of memory a client gets for a body that it has claimed and not sent.
const maxReserved = 4 << 10

// readBody reads a body of at most limit bytes; 0 means unlimited. Its memory grows with what arrives: a claimed length
// is only trusted as far as maxReserved.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if limit > 0 && r.ContentLength > limit {
		return nil, &http.MaxBytesError{Limit: limit}
	}
	if r.ContentLength >= 0 && r.ContentLength <= maxReserved {
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	from := r.Body
	if limit > 0 {
		from = http.MaxBytesReader(w, from, limit)
	}
	body := bytes.NewBuffer(make([]byte, 0, maxReserved))
	_, err := body.ReadFrom(from)
	return body.Bytes(), err
}

func rejectBody(err error) *rejection {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return reject(code.LimitBody, "The request body is longer than %d bytes.", tooLarge.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return refusedSlow
	}
	return refusedBody
}

// mayDefer reports whether the operation could hold @defer: a glance that is right whenever it says no, for all
// clients that do not hide the word behind escapes; those are answered in one piece. Where there are documents, a
// request without a query may name one that defers.
func (r *received) mayDefer(documents bool) bool {
	return bytes.Contains(r.text, []byte("defer")) || documents && !bytes.Contains(r.text, []byte("query"))
}

// repeatable reports whether the request can stand for others that are equal: whether it is surely a query. Escapes
// could hide that it is not.
func (r *received) repeatable() bool {
	return r.get || !bytes.Contains(r.text, []byte("mutation")) &&
		!bytes.Contains(r.text, []byte("subscription")) && !bytes.Contains(r.text, []byte(`\u`))
}

// params reads the request.
func (r *received) params(ctx context.Context, documents Documents) (*graphql.RawParams, *rejection) {
	p := &parameters{RawParams: graphql.RawParams{Headers: r.header}, ids: []string{r.named}}
	read := readBodyParams
	if r.get {
		read = readQueryParams
	}
	if refused := read(r.text, p); refused != nil {
		return nil, refused
	}
	if refused := p.find(ctx, documents); refused != nil {
		return nil, refused
	}
	return &p.RawParams, nil
}

// readQueryParams reads the query string of a GET, in which variables and extensions are JSON.
func readQueryParams(text []byte, p *parameters) *rejection {
	values, err := url.ParseQuery(string(text))
	if err != nil {
		return badRequest("The query string is malformed.")
	}
	for _, name := range [...]string{"query", "operationName", "variables", "extensions", "documentId", "doc_id", "id"} {
		if len(values[name]) > 1 {
			return badRequest("The query string contains %s more than once.", name)
		}
	}
	p.Query, p.OperationName = values.Get("query"), values.Get("operationName")
	p.ids = append(p.ids, values.Get("documentId"), values.Get("doc_id"), values.Get("id"))
	for name, into := range map[string]*map[string]any{"variables": &p.Variables, "extensions": &p.Extensions} {
		if !values.Has(name) || values.Get(name) == "" {
			continue
		}
		d := jsontext.NewDecoder(bytes.NewBufferString(values.Get(name)))
		if readObject(d, into) != nil || readEnd(d) != nil {
			return badRequest("%s must be a JSON object.", name)
		}
	}
	return nil
}

// readBodyParams reads the body of a POST. Members of names that mean nothing are skipped; members that stand twice,
// text that is not UTF-8 and anything after the object are refused.
func readBodyParams(text []byte, p *parameters) *rejection {
	d := bodyReaders.Get().(*bodyReader) //nolint:forcetypeassert // nothing else is in it
	d.open(text)
	defer d.close()
	return readRequest(&d.Decoder, p)
}

// bodyReader reads the body of a POST. Readers are kept for their memory, which the library bounds.
type bodyReader struct {
	jsontext.Decoder
	text bytes.Buffer
}

var bodyReaders = sync.Pool{New: func() any { return new(bodyReader) }}

func (d *bodyReader) open(text []byte) {
	d.text = *bytes.NewBuffer(text)
	d.Reset(&d.text)
}

func (d *bodyReader) close() {
	d.open(nil) // what was read belongs to its request
	bodyReaders.Put(d)
}

func readRequest(d *jsontext.Decoder, p *parameters) *rejection {
	switch d.PeekKind() {
	case '{':
		_, _ = d.ReadToken()
	case '[':
		return refusedBatch
	default:
		return badRequest("The request body must be a JSON object.")
	}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return badRequest("The request body is not valid JSON.")
		}
		name := token.String()
		switch err := readMember(d, name, p); {
		case errors.Is(err, errType):
			return badRequest("%s has the wrong type.", name)
		case err != nil:
			return badRequest("The request body is not valid JSON.")
		}
	}
	if _, err := d.ReadToken(); err != nil || readEnd(d) != nil { // the closing brace
		return badRequest("The request body is not valid JSON.")
	}
	return nil
}

// errType tells a value of the wrong type from text that is no JSON.
var errType = errors.New("value of the wrong type")

func readMember(d *jsontext.Decoder, name string, p *parameters) error {
	switch name {
	case "query":
		return readString(d, &p.Query)
	case "operationName":
		return readString(d, &p.OperationName)
	case "variables":
		return readObject(d, &p.Variables)
	case "extensions":
		return readObject(d, &p.Extensions)
	case "documentId", "doc_id":
		return readID(d, p)
	case "id":
		if d.PeekKind() == '"' { // other clients number their requests with it
			return readID(d, p)
		}
	}
	return d.SkipValue()
}

// readString reads a string, or null as none.
func readString(d *jsontext.Decoder, into *string) error {
	switch d.PeekKind() {
	case '"':
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		*into = token.String()
		return nil
	case 'n':
		return d.SkipValue()
	}
	return wrongType(d)
}

// readObject reads an object, or null as none.
func readObject(d *jsontext.Decoder, into *map[string]any) error {
	switch d.PeekKind() {
	case '{':
		value, err := readValue(d)
		if err != nil {
			return err
		}
		*into, _ = value.(map[string]any)
		return nil
	case 'n':
		return d.SkipValue()
	}
	return wrongType(d)
}

// wrongType skips a value, so that text which is no JSON is called that first.
func wrongType(d *jsontext.Decoder) error {
	if err := d.SkipValue(); err != nil {
		return err
	}
	return errType
}

// readValue reads any value, and numbers as the json.Number that gqlgen expects.
func readValue(d *jsontext.Decoder) (any, error) {
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		return readMembers(d)
	case '[':
		return readElements(d)
	case '"':
		return token.String(), nil
	case '0':
		return json.Number(token.String()), nil
	case 't', 'f':
		return token.Bool(), nil
	}
	return nil, nil
}

func readMembers(d *jsontext.Decoder) (any, error) {
	object := map[string]any{}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		if object[name], err = readValue(d); err != nil {
			return nil, err
		}
	}
	_, err := d.ReadToken() // the closing brace
	return object, err
}

func readElements(d *jsontext.Decoder) (any, error) {
	array := []any{}
	for d.PeekKind() != ']' {
		value, err := readValue(d)
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := d.ReadToken() // the closing bracket
	return array, err
}

// readEnd gives an error unless the text is at its end.
func readEnd(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("text after the value")
	}
	return nil
}
