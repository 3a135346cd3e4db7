package msgraph_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"portico/msgraph"
)

// instant answers every request with the same body, without a network.
type instant struct{ body []byte }

func (i instant) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		io.Copy(io.Discard, req.Body)
	}
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(i.body)), ContentLength: int64(len(i.body)), Request: req,
	}, nil
}

const hostPort = `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#security/threatIntelligence/hostPorts/$entity",
"id":"ODUuMTMuMTM5LjE4JCQyMQ==","port":21,"status":"open","timesObserved":3,"firstSeenDateTime":"2022-10-04T15:27:07Z",
"banners":[{"banner":"220 ready","timesObserved":1,"scanProtocol":"tcp"}],"services":[{"banner":"x","timesObserved":2}],
"host":{"id":"85.13.139.18"},"tags":["a","b"]}`

func BenchmarkEntity(b *testing.B) {
	body := []byte(hostPort)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := msgraph.Entity[port](body, msgraph.Asked{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEntityLenient(b *testing.B) {
	body := []byte(strings.Replace(hostPort, "2022-10", "2022-17", 1))
	b.ReportAllocs()
	for b.Loop() {
		if _, lost, err := msgraph.Entity[port](body, msgraph.Asked{}); err != nil || len(lost) != 1 {
			b.Fatal(lost, err)
		}
	}
}

func BenchmarkFetchOneWithoutNetwork(b *testing.B) {
	for _, sharing := range []bool{true, false} {
		b.Run(fmt.Sprintf("sharing=%v", sharing), func(b *testing.B) {
			c := newClient(b, instant{[]byte(hostPort)}, msgraph.WithSharing(sharing))
			benchmarkFetch(b, c, 1)
		})
	}
}

func BenchmarkEncodeBatchOfTwenty(b *testing.B) {
	urls := paths(20)
	b.ReportAllocs()
	for b.Loop() {
		msgraph.AppendBatch(urls)
	}
}

func BenchmarkDecodeBatchOfTwenty(b *testing.B) {
	body := batchOf(20)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if bodies, _, failure := msgraph.ReadBatch(body, 20); failure != nil || len(bodies) != 20 {
			b.Fatal(failure)
		}
	}
}

func BenchmarkFetchTwentyWithoutNetwork(b *testing.B) {
	benchmarkFetch(b, newClient(b, instant{batchOf(20)}), 20)
}

func BenchmarkFetchOneOverHTTP2(b *testing.B) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, hostPort)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	for _, sharing := range []bool{true, false} {
		b.Run(fmt.Sprintf("sharing=%v", sharing), func(b *testing.B) {
			c, err := msgraph.New(server.URL+"/v1.0", msgraph.WithHTTPClient(server.Client()), msgraph.WithSharing(sharing))
			if err != nil {
				b.Fatal(err)
			}
			benchmarkFetch(b, c, 1)
		})
	}
}

func benchmarkFetch(b *testing.B, c *msgraph.Client, calls int) {
	urls := paths(calls)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	b.ReportAllocs()
	for b.Loop() {
		c.Fetch(ctx, urls, func(_ int, _ []byte, err error) {
			if err != nil {
				b.Error(err)
			}
		})
	}
}

func batchOf(items int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"responses":[`)
	for i := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"%d","status":200,"headers":{"Content-Type":"application/json"},"body":%s}`, items-i, hostPort)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}
