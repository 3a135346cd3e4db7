package msgraph_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"portico/msgraph"
)

// stalling is a body of which a part arrives at a time, until it stalls for good.
type stalling struct {
	ctx   context.Context
	parts []part
}

type part struct {
	after time.Duration
	text  string
}

func (s *stalling) Read(p []byte) (int, error) {
	if len(s.parts) == 0 {
		return 0, io.EOF
	}
	next := &s.parts[0]
	select {
	case <-time.After(next.after):
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
	n := copy(p, next.text)
	next.after, next.text = 0, next.text[n:]
	if next.text == "" {
		s.parts = s.parts[1:]
	}
	return n, nil
}

func (s *stalling) Close() error { return nil }

// slow answers the first request as it is told, and the others at once.
type slow struct {
	header time.Duration
	parts  []part
	count  atomic.Int32
}

func (s *slow) RoundTrip(req *http.Request) (*http.Response, error) {
	resp := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: -1, Request: req}
	if s.count.Add(1) > 1 {
		resp.Body = io.NopCloser(strings.NewReader(entity("quick")))
		return resp, nil
	}
	select {
	case <-time.After(s.header):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	resp.Body = &stalling{req.Context(), s.parts}
	return resp, nil
}

func TestATryWithoutProgressIsGivenUpAndSentAgain(t *testing.T) {
	drip := make([]part, 60)
	for i := range drip {
		drip[i] = part{time.Second, " "}
	}
	steady := []part{{time.Second, `{"id":"`}}
	for range 20 {
		steady = append(steady, part{time.Second, strings.Repeat("x", 64<<10)})
	}
	steady = append(steady, part{time.Second, `"}`})
	const forever = time.Hour
	for name, row := range map[string]struct {
		slow  *slow
		sends int32
		took  time.Duration
	}{
		"no header":                        {&slow{header: forever}, 2, 6 * time.Second},
		"a header just in time":            {&slow{header: 5 * time.Second, parts: []part{{0, entity("slow")}}}, 1, 5 * time.Second},
		"no body":                          {&slow{parts: []part{{forever, "{"}}}, 2, 6 * time.Second},
		"a body that stalls":               {&slow{parts: []part{{time.Second, "{"}, {forever, "}"}}}, 2, 6 * time.Second},
		"a body that drips":                {&slow{parts: drip}, 2, 6 * time.Second},
		"a large body that stalls":         {&slow{parts: []part{{time.Second, strings.Repeat(" ", 64<<10)}, {forever, "}"}}}, 2, 7 * time.Second},
		"a large body over a slow network": {&slow{parts: steady}, 1, 22 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				got := fetch(t.Context(), t, newClient(t, row.slow, msgraph.WithBackoff(0)), one)[0]
				if got.err != nil || row.slow.count.Load() != row.sends || time.Since(start) != row.took {
					t.Errorf("%s after %d tries and %v, want %d and %v", got.verdict(), row.slow.count.Load(), time.Since(start), row.sends, row.took)
				}
			})
		})
	}
}

func TestATryThatTookTooLongIsATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Hour}
		c := newClient(t, s, msgraph.WithTryLimit(time.Second), msgraph.WithAttempts(2), msgraph.WithBackoff(0))
		start := time.Now()
		got := fetch(t.Context(), t, c, one)[0]
		if got.verdict() != "unavailable" || !errors.Is(got.err, context.DeadlineExceeded) || time.Since(start) != 2*time.Second {
			t.Errorf("got %v after %v", got.err, time.Since(start))
		}
	})
}

// proxy forwards TCP connections to a server until it goes deaf: what is open then stays open and carries nothing more,
// as after the loss of a router's state.
type proxy struct {
	net.Listener
	server string
	mu     sync.Mutex
	deaf   map[net.Conn]*atomic.Bool
	wg     sync.WaitGroup
}

func startProxy(t *testing.T, server string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: listener, server: server, deaf: map[net.Conn]*atomic.Bool{}}
	p.wg.Go(p.accept)
	t.Cleanup(p.end)
	return p
}

func (p *proxy) accept() {
	for {
		conn, err := p.Accept()
		if err != nil {
			return
		}
		upstream, err := net.Dial("tcp", p.server)
		if err != nil {
			conn.Close()
			continue
		}
		deaf := new(atomic.Bool)
		p.mu.Lock()
		p.deaf[conn], p.deaf[upstream] = deaf, deaf
		p.mu.Unlock()
		p.wg.Go(func() { forward(conn, upstream, deaf) })
		p.wg.Go(func() { forward(upstream, conn, deaf) })
	}
}

// forward copies until one side ends; once deaf, it swallows what arrives and passes on no end.
func forward(to, from net.Conn, deaf *atomic.Bool) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if deaf.Load() {
			if err != nil {
				return
			}
			continue
		}
		if err == nil {
			_, err = to.Write(buffer[:n])
		}
		if err != nil {
			to.Close()
			return
		}
	}
}

// goDeaf makes the connections that are open half-open; new ones work.
func (p *proxy) goDeaf() (connections int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, deaf := range p.deaf {
		deaf.Store(true)
	}
	return len(p.deaf) / 2
}

func (p *proxy) end() {
	p.Close()
	p.mu.Lock()
	for conn := range p.deaf {
		conn.Close()
	}
	p.mu.Unlock()
	p.wg.Wait()
}

// The default deadline of an operation is 15 s: a half-open connection must leave time for another one.
func TestAHalfOpenConnectionCostsLessThanTheDeadline(t *testing.T) {
	for name, row := range map[string]struct {
		http2    bool
		tryLimit time.Duration
	}{
		"found by pings of HTTP/2":                {true, time.Minute},
		"found by the limit of a try on HTTP/1.1": {false, 6 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, entity("p1"))
			}))
			server.EnableHTTP2 = row.http2
			server.StartTLS()
			t.Cleanup(server.Close)
			address, _ := url.Parse(server.URL)
			p := startProxy(t, address.Host)
			address.Host = p.Addr().String()
			server.URL = address.String()
			c := clientFor(t, server, msgraph.WithTryLimit(row.tryLimit))
			ask := func() error {
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
				defer cancel()
				if got := fetch(ctx, t, c, one)[0]; got.err != nil {
					return got.err
				}
				return nil
			}
			if err := ask(); err != nil {
				t.Fatal(err)
			}
			if n := p.goDeaf(); n != 1 {
				t.Fatalf("%d connections, want 1", n)
			}
			if err := ask(); err != nil {
				t.Errorf("after the connection became half-open: %v", err)
			}
			if err := ask(); err != nil {
				t.Errorf("over the new connection: %v", err)
			}
		})
	}
}
