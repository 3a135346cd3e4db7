package main

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// roleStub is the upstream of the peers: a Microsoft Graph that does little itself. It has every host 10.0.X.Y with 100
// ports, accepts any token, and heeds $select, $expand, $top and $batch.
const roleStub = "stub"

// stubbed is the path of what the stub has.
const stubbed = "/v1.0/security/threatIntelligence/"

// A stub answers for Microsoft Graph.
type stub struct{ latency atomic.Int64 }

// serveStub serves the stub until the process is ended.
func serveStub(args []string) error {
	flags := flag.NewFlagSet(roleStub, flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:9100", "`HOST:PORT` on loopback")
	if err := flags.Parse(args); err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(*listen)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return fmt.Errorf("-listen must be an address of this machine, such as 127.0.0.1:9100 (got %q)", *listen)
	}
	fmt.Fprintf(os.Stdout, "a stub of Microsoft Graph at http://%s/v1.0\n", *listen)
	server := http.Server{Addr: *listen, Handler: &stub{}, ReadHeaderTimeout: time.Minute}
	return server.ListenAndServe()
}

// ServeHTTP implements http.Handler.
func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/_latency" {
		s.delay(w, r.URL.Query().Get("d"))
		return
	}
	time.Sleep(time.Duration(s.latency.Load()))
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodPost && r.URL.Path == "/v1.0/$batch" {
		s.batch(w, r)
		return
	}
	status, text := stubbedAt(r.URL)
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func (s *stub) delay(w http.ResponseWriter, text string) {
	d, err := time.ParseDuration(text)
	if err != nil {
		http.Error(w, "d must be a duration, such as 20ms", http.StatusBadRequest)
		return
	}
	s.latency.Store(int64(d))
}

func (s *stub) batch(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		Requests []struct{ ID, URL string }
	}
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		http.Error(w, "not a batch", http.StatusBadRequest)
		return
	}
	out := []byte(`{"responses":[`)
	for i, one := range sent.Requests {
		u, err := url.Parse("/v1.0/" + strings.TrimPrefix(one.URL, "/"))
		if err != nil {
			u = &url.URL{}
		}
		status, text := stubbedAt(u)
		if i > 0 {
			out = append(out, ',')
		}
		out = fmt.Appendf(out, `{"id":%q,"status":%d,"headers":{"Content-Type":"application/json"},"body":`, one.ID, status)
		out = append(append(out, text...), '}')
	}
	_, _ = w.Write(append(out, "]}"...))
}

// stubbedAt returns what is at a URL.
func stubbedAt(u *url.URL) (status int, text []byte) {
	path, found := strings.CutPrefix(u.Path, stubbed)
	set, rest, _ := strings.Cut(path, "/")
	id, below, _ := strings.Cut(rest, "/")
	q := readStubQuery(u.Query())
	switch {
	case !found || id == "":
	case set == "hostPorts" && below == "":
		if host, port, ok := hostAndPort(id); ok {
			return http.StatusOK, appendStubPort(nil, id, host, port, q)
		}
	case set == "sslCertificates" && below == "":
		return http.StatusOK, appendStubCertificate(nil, id, q)
	case set == "hosts" && below == "":
		return http.StatusOK, appendStubHost(nil, id, q)
	case set == "hosts" && below == "ports":
		return http.StatusOK, stubPorts(id, q)
	}
	return http.StatusNotFound, []byte(`{"error":{"code":"ResourceNotFound","message":"Resource not found"}}`)
}

// A stubQuery is what a URL selects; a nil selection is everything.
type stubQuery struct {
	selected []string
	expanded bool // with its certificate
	top      int
}

func readStubQuery(values url.Values) stubQuery {
	q := stubQuery{expanded: strings.Contains(values.Get("$expand"), "mostRecentSslCertificate"), top: widePorts}
	if names := values.Get("$select"); names != "" {
		q.selected = strings.Split(names, ",")
	}
	if n, err := strconv.Atoi(values.Get("$top")); err == nil {
		q.top = min(q.top, max(n, 0))
	}
	return q
}

func hostAndPort(id string) (host string, port int, ok bool) {
	text, err := base64.StdEncoding.DecodeString(id)
	if err != nil {
		return "", 0, false
	}
	host, number, found := strings.Cut(string(text), "$$")
	port, err = strconv.Atoi(number)
	return host, port, found && err == nil
}

// A stubObject is a JSON object that is being written.
type stubObject struct {
	dst      []byte
	selected []string
}

func (o *stubObject) add(name, value string) {
	short := name[strings.LastIndexByte(name, '/')+1:]
	if o.selected == nil || slices.Contains(o.selected, name) {
		o.always(short, value)
	}
}

func (o *stubObject) always(name, value string) {
	if len(o.dst) > 0 && o.dst[len(o.dst)-1] != '{' {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(append(append(o.dst, '"'), name...), `":`...)
	o.dst = append(o.dst, value...)
}

const stubTimes = `"firstSeenDateTime":"2020-01-02T03:04:05Z","lastSeenDateTime":"2024-01-02T03:04:05Z"`

func appendStubPort(dst []byte, id, host string, port int, q stubQuery) []byte {
	o := stubObject{append(dst, '{'), q.selected}
	o.add("id", strconv.Quote(id))
	o.add("port", strconv.Itoa(port))
	o.add("protocol", `"tcp"`)
	o.add("status", `"open"`)
	o.add("timesObserved", "7")
	o.add("firstSeenDateTime", `"2020-01-02T03:04:05Z"`)
	o.add("lastSeenDateTime", `"2024-01-02T03:04:05Z"`)
	o.add("lastScanDateTime", `"2024-01-02T03:04:05Z"`)
	o.add("banners", `[{"banner":"HTTP/1.1 404 Not Found","scanProtocol":"http","timesObserved":3,`+stubTimes+`}]`)
	o.add("services", `[{"isRecent":true,"component":{"id":"c","name":"nginx","version":"1.2","category":"Server"}}]`)
	o.add("host", `{"id":`+strconv.Quote(host)+`}`)
	certificate := fmt.Sprintf("certificate-%d", port%10)
	if q.expanded {
		o.always("mostRecentSslCertificate", string(appendStubCertificate(nil, certificate, stubQuery{})))
	} else {
		o.add("mostRecentSslCertificate", `{"id":"`+certificate+`"}`)
	}
	return append(o.dst, '}')
}

func appendStubCertificate(dst []byte, id string, q stubQuery) []byte {
	o := stubObject{append(dst, '{'), q.selected}
	o.add("id", strconv.Quote(id))
	o.add("firstSeenDateTime", `"2020-01-02T03:04:05Z"`)
	o.add("lastSeenDateTime", `"2024-01-02T03:04:05Z"`)
	o.add("fingerprint", `"8f43288ad272f3103b6fb1428485ea3014c0bcfe"`)
	o.add("sha1", `"8f43288ad272f3103b6fb1428485ea3014c0bcfe"`)
	o.add("serialNumber", `"146473198"`)
	o.add("issueDateTime", `"2020-01-02T03:04:05Z"`)
	o.add("expirationDateTime", `"2030-01-02T03:04:05Z"`)
	o.add("issuer", `{"commonName":"CA","organizationName":"Example","alternateNames":["ca.example"],"email":null}`)
	o.add("subject", `{"commonName":"a.example","organizationName":"Example","alternateNames":["a.example","b.example"]}`)
	return append(o.dst, '}')
}

func appendStubHost(dst []byte, id string, q stubQuery) []byte {
	o := stubObject{append(dst, '{'), q.selected}
	o.always("@odata.type", `"#microsoft.graph.security.ipAddress"`)
	o.add("id", strconv.Quote(id))
	o.add("firstSeenDateTime", `"2020-01-02T03:04:05Z"`)
	o.add("lastSeenDateTime", `"2024-01-02T03:04:05Z"`)
	o.add(anAddress+"countryOrRegion", `"Utopia"`)
	o.add(anAddress+"netblock", `"10.0.0.0/8"`)
	return append(o.dst, '}')
}

func stubPorts(host string, q stubQuery) []byte {
	out := []byte(`{"value":[`)
	for i := range q.top {
		if i > 0 {
			out = append(out, ',')
		}
		port := 8000 + i
		id := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s$$%d", host, port))
		out = appendStubPort(out, id, host, port, q)
	}
	return append(out, "]}"...)
}
