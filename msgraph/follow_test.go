package msgraph_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/msgraph"
)

// moving is a name that leads to one server at a time.
type moving struct {
	request sync.Mutex // held by each request, so that a look which it starts ends after it

	mu     sync.Mutex
	server *httptest.Server
	ip     string
	fails  bool
}

func (m *moving) to(server *httptest.Server, ip string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.server, m.ip, m.fails = server, ip, false
}

func (m *moving) resolve(context.Context, string) ([]string, error) {
	m.request.Lock()
	defer m.request.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails {
		return nil, errors.New("no such host")
	}
	return []string{m.ip}, nil
}

// dial connects to the server from a connection that claims the address that the name leads to.
func (m *moving) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	m.mu.Lock()
	address, ip := m.server.Listener.Addr().String(), m.ip
	m.mu.Unlock()
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return named{conn, &net.TCPAddr{IP: net.ParseIP(ip), Port: 443}}, nil
}

type named struct {
	net.Conn
	remote net.Addr
}

func (n named) RemoteAddr() net.Addr { return n.remote }

func counting(t *testing.T, http2 bool) (*httptest.Server, *atomic.Int32) {
	var served atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		served.Add(1)
		io.WriteString(w, "{}")
	}))
	server.EnableHTTP2 = http2
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, &served
}

func TestConnectionsFollowANameThatMoves(t *testing.T) {
	for _, http2 := range []bool{true, false} {
		first, firstServed := counting(t, http2)
		second, secondServed := counting(t, http2)
		name := &moving{}
		name.to(first, "192.0.2.1")
		template := msgraph.NewTransport()
		template.DialContext = name.dial
		template.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
		var clock atomic.Int64
		f := msgraph.Follow(template, name.resolve)
		f.SetClock(func() time.Time { return time.Unix(clock.Load(), 0) })
		t.Cleanup(f.CloseIdleConnections)
		get := func() {
			t.Helper()
			name.request.Lock()
			defer name.request.Unlock()
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://moving.example/", nil)
			resp, err := f.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		get()
		name.mu.Lock()
		name.fails = true
		name.mu.Unlock()
		clock.Add(31)
		get()
		f.WaitForLook()
		get() // a name that cannot be resolved has not moved
		name.to(second, "192.0.2.2")
		get() // nobody has looked since
		if firstServed.Load() != 4 || secondServed.Load() != 0 {
			t.Fatalf("served %d and %d before anybody looked", firstServed.Load(), secondServed.Load())
		}
		clock.Add(31)
		get()
		f.WaitForLook()
		get()
		if secondServed.Load() != 1 {
			t.Errorf("HTTP/2 %v: served %d and %d after the name moved", http2, firstServed.Load(), secondServed.Load())
		}
		clock.Add(31)
		get()
		f.WaitForLook()
		get()
		if secondServed.Load() != 3 {
			t.Errorf("HTTP/2 %v: served %d and %d later", http2, firstServed.Load(), secondServed.Load())
		}
	}
}

// Over HTTP/1.1 each request in flight needs a connection of its own: the transport must not have a bound below the limit's.
func TestHTTP1HasAsManyConnectionsAsRequests(t *testing.T) {
	const requests = 200
	var arrived atomic.Int32
	all := make(chan struct{})
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if arrived.Add(1) == requests {
			close(all)
		}
		select {
		case <-all: // all of them are in flight
		case <-r.Context().Done():
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, entity("x"))
	}, msgraph.WithInFlight(requests, requests), msgraph.WithTryLimit(time.Minute))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for _, url := range paths(requests) {
		wg.Go(func() {
			if got := fetch(ctx, t, c, url)[0]; got.err != nil {
				t.Error(got.err)
			}
		})
	}
	wg.Wait()
}
