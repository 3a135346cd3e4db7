// Package listen is how Portico is reached: addresses and Unix sockets, TLS from files that may change, the host names
// that requests may be for, and the proxies whose word is taken for where a request came from.
//
// It knows HTTP and nothing of what is served.
package listen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"
)

// unixPrefix marks an address as the path of a Unix socket.
const unixPrefix = "unix:"

// socketMode lets the owner and the group of a Unix socket connect.
const socketMode = 0o660

// UnixSocket returns the path of a Unix socket; false if the address is HOST:PORT.
func UnixSocket(address string) (path string, ok bool) { return strings.CutPrefix(address, unixPrefix) }

// Open listens on HOST:PORT or unix:PATH. A socket file that a process left behind is replaced; one that is in use is
// not.
func Open(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	path, isUnix := UnixSocket(address)
	if !isUnix {
		return config.Listen(ctx, "tcp", address)
	}
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	listener, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, socketMode); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// removeStale removes a socket file on which nobody listens any more.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s is not a socket: %w", path, fs.ErrExist)
	}
	dialer := net.Dialer{Timeout: time.Second}
	connection, err := dialer.DialContext(ctx, "unix", path)
	if err == nil {
		_ = connection.Close() // it only had to open
		return fmt.Errorf("%s is in use by another process", path)
	}
	return os.Remove(path)
}
