package msgraph

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// lookEvery is how often the names of connections are resolved again.
const lookEvery = 30 * time.Second

// Follower is a round tripper whose connections follow their host's name. A connection stays open for as long as it is
// used, which is for ever under load: when a name no longer leads to the address of a connection, requests go over a
// new transport, and the connections of the old one end with their last request.
type Follower struct {
	template *http.Transport
	resolve  func(ctx context.Context, host string) ([]string, error)
	now      func() time.Time

	mu      sync.Mutex
	current *http.Transport
	dialed  map[string][]string // addresses of the current transport's connections, by name
	looked  time.Time
	looking bool
}

// Follow returns a follower that makes its transports like template, which must not be changed after the first request.
// Resolve returns the addresses of a name; nil for that of the system.
func Follow(template *http.Transport, resolve func(ctx context.Context, host string) ([]string, error)) *Follower {
	if resolve == nil {
		resolve = net.DefaultResolver.LookupHost
	}
	f := &Follower{template: template, resolve: resolve, now: time.Now}
	f.looked = f.now()
	return f
}

// RoundTrip implements http.RoundTripper.
func (f *Follower) RoundTrip(req *http.Request) (*http.Response, error) {
	f.mu.Lock()
	if f.current == nil {
		f.renew()
	}
	transport := f.current
	if look := !f.looking && f.now().Sub(f.looked) >= lookEvery; look {
		f.looking = true
		go f.look()
	}
	f.mu.Unlock()
	return transport.RoundTrip(req)
}

// CloseIdleConnections closes the connections that are not in use.
func (f *Follower) CloseIdleConnections() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current != nil {
		f.current.CloseIdleConnections()
	}
}

// renew begins a new transport. The caller holds the lock.
func (f *Follower) renew() {
	transport := f.template.Clone()
	dial, dialed := transport.DialContext, map[string][]string{}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err == nil {
			f.note(dialed, address, conn.RemoteAddr())
		}
		return conn, err
	}
	f.current, f.dialed = transport, dialed
}

// note remembers where a name led to.
func (f *Follower) note(dialed map[string][]string, address string, remote net.Addr) {
	name, _, err := net.SplitHostPort(address)
	ip, _, _ := net.SplitHostPort(remote.String())
	if err != nil || net.ParseIP(name) != nil || ip == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(dialed[name], ip) {
		dialed[name] = append(dialed[name], ip)
	}
}

// look resolves the names of the connections again, and begins a new transport if one of them moved.
func (f *Follower) look() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	f.mu.Lock()
	before := make(map[string][]string, len(f.dialed))
	for name, addresses := range f.dialed {
		before[name] = slices.Clone(addresses)
	}
	f.mu.Unlock()
	moved := false
	for name, addresses := range before {
		moved = moved || f.moved(ctx, name, addresses)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looking, f.looked = false, f.now()
	if moved {
		old := f.current
		f.renew()
		old.CloseIdleConnections() // the others close when they have been idle for long enough
	}
}

// moved reports whether a name no longer leads to one of the addresses. A name that cannot be resolved has not moved.
func (f *Follower) moved(ctx context.Context, name string, addresses []string) bool {
	now, err := f.resolve(ctx, name)
	return err == nil && len(now) > 0 && slices.ContainsFunc(addresses,
		func(address string) bool { return !slices.Contains(now, address) })
}
