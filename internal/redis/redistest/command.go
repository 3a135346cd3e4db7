package redistest

import (
	"context"
	"crypto/tls"
	"net"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/redis/rueidis"
)

// Command runs a command, and returns its answer as text: of a list, one line each. The test ends if it fails.
func (s *Server) Command(args ...string) string {
	s.t.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{
		InitAddress: []string{filepath.Join(s.dir, "s")}, ForceSingleClient: true, DisableCache: true,
		DialCtxFn: func(ctx context.Context, path string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
			return d.DialContext(ctx, "unix", path)
		},
		Password: s.password(),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	answer := client.Do(ctx, client.B().Arbitrary(args...).Build())
	if list, err := answer.AsStrSlice(); err == nil {
		return strings.Join(list, "\n")
	}
	if number, err := answer.ToInt64(); err == nil {
		return strconv.FormatInt(number, 10)
	}
	text, err := answer.ToString()
	if err != nil && !rueidis.IsRedisNil(err) {
		s.t.Fatalf("%s: %v", args[0], err)
	}
	return text
}

// password returns the one among the arguments.
func (s *Server) password() string {
	for i, arg := range s.args[:max(0, len(s.args)-1)] {
		if arg == "--requirepass" {
			return s.args[i+1]
		}
	}
	return ""
}
