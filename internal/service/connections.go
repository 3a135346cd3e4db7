package service

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// connections bounds how many connections are open at a time. Where a new one would be too many, the one that has kept
// the server waiting the longest is closed: between two requests, or with a request that is not complete yet. So
// clients that connect and send nothing, or one byte a second, never lock out those that send whole requests.
type connections struct {
	net.Listener
	most int
	log  *slog.Logger

	warned time.Time // when the lack of file descriptors was last logged. Only Accept uses it.

	mu     sync.Mutex
	fewer  *sync.Cond // signaled when a connection closes, or the listener does
	open   map[*connection]struct{}
	closed bool
}

func boundConnections(listener net.Listener, most int, log *slog.Logger) *connections {
	c := &connections{Listener: listener, most: most, log: log, open: map[*connection]struct{}{}}
	c.fewer = sync.NewCond(&c.mu)
	return c
}

// hook makes a server tell what its connections wait for.
func (c *connections) hook(server *http.Server) {
	server.ConnState = c.changed
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, connectionOf(conn))
	}
	server.Handler = readRequests(server.Handler)
}

// Accept waits until there is room for another connection, which it makes if it can.
func (c *connections) Accept() (net.Conn, error) {
	conn, err := c.accept()
	if err != nil {
		return nil, err
	}
	one := &connection{Conn: conn, all: c, waiting: time.Now()}
	if !c.admit(one) {
		_ = conn.Close() // nobody will read from it
		return nil, net.ErrClosed
	}
	return one, nil
}

const (
	// exhaustedPause is how long to wait before another try to accept a connection.
	exhaustedPause = 100 * time.Millisecond
	// exhaustedQuiet is how long the lack of file descriptors is not logged again.
	exhaustedQuiet = time.Minute
)

// accept returns the next connection. While the process or the machine has no file descriptor for one, it waits: the
// kernel keeps new connections, and those that are open go on.
func (c *connections) accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if !exhausted(err) {
			return conn, err
		}
		if now := time.Now(); c.warned.IsZero() || now.Sub(c.warned) >= exhaustedQuiet {
			c.warned = now
			c.log.Warn("no file descriptor is left: new connections wait; "+
				"raise the limit of open files (ulimit -n) or lower --limit-connections", "error", err.Error())
		}
		time.Sleep(exhaustedPause)
	}
}

// exhausted reports whether a connection cannot be accepted because there are no file descriptors left or of the
// kernel's memory.
func exhausted(err error) bool {
	for _, one := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}

func (c *connections) admit(one *connection) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.open) >= c.most && !c.closed {
		if idlest := c.idlest(); idlest != nil {
			delete(c.open, idlest)
			_ = idlest.Conn.Close() // the server finds out when it reads
			continue
		}
		c.fewer.Wait()
	}
	c.open[one] = struct{}{}
	return !c.closed
}

// idlest returns the connection that has kept the server waiting the longest; nil if all are being answered.
func (c *connections) idlest() (idlest *connection) {
	for one := range c.open {
		if !one.waiting.IsZero() && (idlest == nil || one.waiting.Before(idlest.waiting)) {
			idlest = one
		}
	}
	return idlest
}

// changed is a hook of http.Server. A connection counts as waiting until its handler has read the whole request; one of
// HTTP/2, which carries many requests at a time, while it carries none.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	if one := connectionOf(conn); one != nil && state == http.StateIdle {
		one.wait(time.Now())
	}
}

// connectionOf returns the connection below TLS, if there is TLS; nil for a foreign one.
func connectionOf(conn net.Conn) *connection {
	if encrypted, ok := conn.(*tls.Conn); ok {
		conn = encrypted.NetConn()
	}
	one, _ := conn.(*connection)
	return one
}

// Close closes the listener, and lets Accept return.
func (c *connections) Close() error {
	c.mu.Lock()
	c.closed = true
	c.fewer.Broadcast()
	c.mu.Unlock()
	return c.Listener.Close()
}

// connection is one connection, and the body of the request that is being read from it.
type connection struct {
	net.Conn
	all     *connections
	waiting time.Time // since when the server waits for the client; zero while it answers. Guarded by all.mu.
	body    io.ReadCloser
}

type connectionKey struct{}

func (c *connection) wait(since time.Time) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	c.waiting = since
	if !since.IsZero() {
		c.all.fewer.Signal() // this one may be closed for another
	}
}

// Close closes the connection and makes room for another.
func (c *connection) Close() error {
	c.all.mu.Lock()
	delete(c.all.open, c)
	c.all.fewer.Signal()
	c.all.mu.Unlock()
	return c.Conn.Close()
}

// requestBody is the body of the request that is being read from a connection. HTTP/1 has one at a time.
type requestBody struct{ *connection }

func (b requestBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if err != nil {
		b.wait(time.Time{})
	}
	return n, err
}

func (b requestBody) Close() error { return b.body.Close() }

// readRequests notes when a request is complete.
func readRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch one, _ := r.Context().Value(connectionKey{}).(*connection); {
		case one == nil:
		case r.ProtoMajor > 1 || r.Body == nil || r.Body == http.NoBody:
			one.wait(time.Time{})
		default:
			one.body = r.Body
			r.Body = requestBody{one}
		}
		next.ServeHTTP(w, r)
	})
}

// closeAfterChunks closes an HTTP/1 connection after a request whose body came in chunks. Where such a request has a
// Content-Length as well, net/http hides it; a proxy that goes by the length would take what follows the last chunk for
// part of this request, and the next request for somebody else's.
func closeAfterChunks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 1 && len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
