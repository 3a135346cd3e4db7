package emulator

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestWithoutIPv4LocalhostIsTheLoopbackOfIPv6(t *testing.T) {
	for _, row := range []struct {
		what string
		ipv4 error
		want string
	}{
		{"IPv4", nil, "127.0.0.1:80"},
		{"no IPv4 address", syscall.EADDRNOTAVAIL, "[::1]:80"},
		{"no IPv4 in the kernel", syscall.EAFNOSUPPORT, "[::1]:80"},
		{"a port that is taken", syscall.EADDRINUSE, ""},
	} {
		got := ""
		_, err := listenLocalhost("80", func(_, address string) (net.Listener, error) {
			if strings.HasPrefix(address, "127.") && row.ipv4 != nil {
				return nil, &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", row.ipv4)}
			}
			got = address
			return nil, nil
		})
		if got != row.want || (row.want == "" && !errors.Is(err, row.ipv4)) {
			t.Errorf("%s: listens on %q, %v, want %q", row.what, got, err, row.want)
		}
	}
}
