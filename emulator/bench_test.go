package emulator_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"portico/emulator"
)

// discard is a ResponseWriter that keeps nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

const portQuery = "?$select=id,port,status,protocol,timesObserved,banners"

func BenchmarkGet(b *testing.B) {
	for _, logged := range []bool{true, false} {
		b.Run(fmt.Sprintf("log=%t", logged), func(b *testing.B) {
			e := emulator.New(emulator.WithRequestLog(logged))
			id := e.PortIDs()[7]
			r := httptest.NewRequest("GET", "/v1.0/security/threatIntelligence/hostPorts/"+id+portQuery, nil)
			r.Header.Set("Authorization", "Bearer "+e.AppToken())
			w := &discard{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				e.ServeHTTP(w, r)
			}
		})
	}
}

func BenchmarkBatch20(b *testing.B) {
	for _, accept := range []string{"identity", "gzip"} {
		b.Run(accept, func(b *testing.B) {
			e := emulator.New(emulator.WithRequestLog(false))
			body := batchOf(e.PortIDs()[:20], portQuery)
			r := httptest.NewRequest("POST", "/v1.0/$batch", nil)
			r.Header.Set("Authorization", "Bearer "+e.AppToken())
			r.Header.Set("Accept-Encoding", accept)
			w, in := &discard{http.Header{}}, bytes.NewReader(nil)
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				in.Reset(body)
				r.Body = io.NopCloser(in)
				e.ServeHTTP(w, r)
			}
		})
	}
}

func BenchmarkList(b *testing.B) {
	for name, path := range map[string]string{
		"ports": "hosts/192.0.2.1/ports?$select=id,port,status&$top=50", "names": "hosts/192.0.2.1/passiveDnsReverse?$top=25",
		"sorted": "hosts/192.0.2.1/hostPairs?$filter=linkKind%20in%20('script.src','redirect')&$orderby=firstSeenDateTime%20desc&$top=25",
		"search": "sslCertificates?$search=%22serialNumber:146473198%22&$top=10",
	} {
		b.Run(name, func(b *testing.B) {
			e := emulator.New(emulator.WithRequestLog(false))
			r := httptest.NewRequest("GET", ti+path, nil)
			r.Header.Set("Authorization", "Bearer "+e.AppToken())
			w := &discard{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				e.ServeHTTP(w, r)
			}
		})
	}
}

func BenchmarkWorld(b *testing.B) {
	for b.Loop() {
		emulator.New(emulator.WithWorld(10_000))
	}
}

// batchOf returns a batch with a GET of each port.
func batchOf(ids []string, query string) []byte {
	items := make([]string, len(ids))
	for i, id := range ids {
		items[i] = fmt.Sprintf(`{"id":"%d","method":"GET","url":"/security/threatIntelligence/hostPorts/%s%s"}`,
			i+1, url.PathEscape(id), query)
	}
	return []byte(`{"requests":[` + strings.Join(items, ",") + `]}`)
}

// BenchmarkServed sends one GET over TLS and HTTP/2. It includes the client.
func BenchmarkServed(b *testing.B) {
	e, s := started(b, emulator.WithRequestLog(false))
	url := s.URL + ti + "hostPorts/" + e.PortIDs()[7] + portQuery
	client, token := s.Client(), "Bearer "+e.AppToken()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, _ := http.NewRequest("GET", url, nil)
			req.Header.Set("Authorization", token)
			resp, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	})
}
