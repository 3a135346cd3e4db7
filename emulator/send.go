package emulator

import (
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"portico/emulator/entra"
)

const (
	jsonType = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
	bareType = "application/json;odata.metadata=none;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

	// compressFrom is the length in bytes above which a response is compressed.
	compressFrom = 1024
)

// Header values that never change. net/http only reads them.
var (
	headJSON       = []string{jsonType}
	headODATA      = []string{"4.0"}
	headCache      = []string{"no-store, no-cache"}
	headTransport  = []string{"max-age=31536000"}
	headVary       = []string{"Accept-Encoding"}
	headGzip       = []string{"gzip"}
	headDiagnostic = []string{`{"ServerInfo":{"DataCenter":"Emulator","Slice":"E","Ring":"0",` +
		`"ScaleUnit":"000","RoleInstance":"EMULATOR0000"}}`}
)

var compressors = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return z
}}

// newCall reads what the responses to a request share.
func (e *Emulator) newCall(r *http.Request) *call {
	c := &call{at: entra.Origin{Scheme: "http", Host: r.Host}, now: e.Now(), requestID: e.ids.next()}
	if r.TLS != nil {
		c.at.Scheme = "https"
	}
	if id := first(r.Header["Client-Request-Id"]); isGUID(id) {
		c.clientID = id
	}
	c.bare = acceptsBare(first(r.Header["Accept"]))
	return c
}

// acceptsBare reports whether an Accept header requests responses without annotations.
func acceptsBare(accept string) bool {
	return accept != "" && strings.Contains(strings.ToLower(accept), "odata.metadata=none")
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// send writes a response.
func (e *Emulator) send(w http.ResponseWriter, r *http.Request, c *call, ans *answer) {
	e.setHeader(w.Header(), c, ans)
	if ans.wire != nil && ans.wire.travel(w, r, ans) {
		return
	}
	body := ans.body
	if e.settings.compress && len(body) > compressFrom && strings.Contains(first(r.Header["Accept-Encoding"]), "gzip") {
		buf := takeBuffer()
		defer giveBuffer(buf)
		body = compressed(buf, body)
		w.Header()["Content-Encoding"] = headGzip
		w.Header()["Vary"] = headVary
	}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(ans.status)
	_, _ = w.Write(body) // the caller may have disconnected
}

func compressed(buf *buffer, body []byte) []byte {
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(buf)
	_, _ = z.Write(body) // writing to a buffer does not fail
	_ = z.Close()
	return buf.bytes
}

func (e *Emulator) setHeader(h http.Header, c *call, ans *answer) {
	h["Content-Type"] = headJSON
	if ans.contentType != "" {
		h["Content-Type"] = []string{ans.contentType}
	}
	h["Date"] = e.clock.header(c.now)
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
		h.Set("WWW-Authenticate", `Bearer realm="", authorization_uri="`+c.at.String()+
			`/common/oauth2/authorize", client_id="`+entra.GraphAppID+`"`)
	}
}
