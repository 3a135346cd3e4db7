package emulator

import (
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

const (
	jsonType = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

	// compressFrom is the length, in bytes, from which an answer is compressed.
	compressFrom = 1024
)

// Header values that never change; net/http reads them only.
var (
	headJSON       = []string{jsonType}
	headODATA      = []string{"4.0"}
	headCache      = []string{"no-store, no-cache"}
	headTransport  = []string{"max-age=31536000"}
	headVary       = []string{"Accept-Encoding"}
	headGzip       = []string{"gzip"}
	headDiagnostic = []string{`{"ServerInfo":{"DataCenter":"Emulator","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"EMULATOR0000"}}`}
)

// A buffer is reused from request to request.
type buffer struct{ bytes []byte }

// maxKept is the capacity above which a buffer is left to the collector.
const maxKept = 1 << 20

var (
	buffers     = sync.Pool{New: func() any { return &buffer{make([]byte, 0, 4096)} }}
	compressors = sync.Pool{New: func() any {
		z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
		return z
	}}
)

func takeBuffer() *buffer { return buffers.Get().(*buffer) }

func giveBuffer(b *buffer) {
	if cap(b.bytes) > maxKept {
		return
	}
	b.bytes = b.bytes[:0]
	buffers.Put(b)
}

// Write appends, for the compressor.
func (b *buffer) Write(p []byte) (int, error) {
	b.bytes = append(b.bytes, p...)
	return len(p), nil
}

// newCall gathers what the answers to one request share.
func (e *Emulator) newCall(r *http.Request) *call {
	c := &call{scheme: "http://", host: r.Host, now: e.Now(), requestID: e.newID()}
	if r.TLS != nil {
		c.scheme = "https://"
	}
	if id := first(r.Header["Client-Request-Id"]); isGUID(id) {
		c.clientID = id
	}
	return c
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// send writes an answer.
func (e *Emulator) send(w http.ResponseWriter, r *http.Request, c *call, ans *answer) {
	e.setHeader(w.Header(), c, ans)
	if ans.wire != nil && ans.wire.travel(w, r, ans) {
		return
	}
	body := ans.body
	if e.compress && len(body) > compressFrom && strings.Contains(first(r.Header["Accept-Encoding"]), "gzip") {
		buf := takeBuffer()
		defer giveBuffer(buf)
		body = compressed(buf, body)
		w.Header()["Content-Encoding"] = headGzip
		w.Header()["Vary"] = headVary
	}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(ans.status)
	_, _ = w.Write(body) // a caller that has left needs no answer
}

func compressed(buf *buffer, body []byte) []byte {
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(buf)
	_, _ = z.Write(body) // a buffer takes everything
	_ = z.Close()
	return buf.bytes
}

func (e *Emulator) setHeader(h http.Header, c *call, ans *answer) {
	h["Content-Type"] = headJSON
	if ans.contentType != "" {
		h["Content-Type"] = []string{ans.contentType}
	}
	h["Date"] = e.dateHeader(c.now)
	h["Request-Id"] = []string{c.requestID}
	h["Client-Request-Id"] = []string{c.clientRequestID()}
	h["X-Ms-Ags-Diagnostic"] = headDiagnostic
	h["Odata-Version"] = headODATA
	h["Cache-Control"] = headCache
	h["Strict-Transport-Security"] = headTransport
	for _, line := range ans.header {
		h.Set(line.name, line.value)
	}
	if ans.status == http.StatusUnauthorized && h["Www-Authenticate"] == nil {
		h.Set("WWW-Authenticate", `Bearer realm="", authorization_uri="`+c.scheme+c.host+
			`/common/oauth2/authorize", client_id="`+graphAppID+`"`)
	}
}

// newID returns a GUID that no other answer of this process has.
func (e *Emulator) newID() string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], e.idPrefix)
	binary.BigEndian.PutUint64(id[8:], e.idCount.Add(1))
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// isGUID reports whether text is a GUID with hyphens.
func isGUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		switch b := text[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if b != '-' {
				return false
			}
		case b >= '0' && b <= '9', b >= 'a' && b <= 'f', b >= 'A' && b <= 'F':
		default:
			return false
		}
	}
	return true
}
