package redis

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

const (
	// dialLimit bounds a connection attempt with its handshake, which no request waits for.
	dialLimit = time.Second
	// silence is how long an idle connection may be before it is probed, and how long the answer may take. A connection
	// that fails this is closed.
	silence = time.Second

	defaultPort = "6379"
	maxDatabase = 1 << 16
)

var (
	errURL = errors.New("must be redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], the same with rediss:// for TLS, or " +
		"unix:///PATH[?db=DATABASE]")
	errDatabase = errors.New("must name the database as a number, as in redis://localhost/1")
)

// CheckURL returns an error if Redis cannot be named so. The error does not repeat the URL, which may hold a password.
func CheckURL(text string) error {
	_, err := parseURL(text)
	return err
}

// IsPlain reports whether a URL leads to another machine without TLS.
func IsPlain(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "redis" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return !strings.EqualFold(u.Hostname(), "localhost") && (ip == nil || !ip.IsLoopback())
}

// parseURL reads a URL. rueidis has a parser, too, but it accepts options that Portico decides, such as not verifying
// certificates, and its errors repeat the URL.
func parseURL(text string) (option rueidis.ClientOption, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Fragment != "" || u.Opaque != "" {
		return option, errURL
	}
	switch u.Scheme {
	case "redis", "rediss":
		err = parseHost(u, &option)
	case "unix":
		err = parseSocket(u, &option)
	default:
		return option, errURL
	}
	option.Username = u.User.Username()
	option.Password, _ = u.User.Password()
	return option, err
}

func parseHost(u *url.URL, option *rueidis.ClientOption) (err error) {
	port := cmp.Or(u.Port(), defaultPort)
	if !isHost(u) || !isPort(port) || u.RawQuery != "" {
		return errURL
	}
	option.InitAddress = []string{net.JoinHostPort(u.Hostname(), port)}
	if u.Scheme == "rediss" {
		option.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname()}
	}
	option.SelectDB, err = parseDatabase(strings.Trim(u.Path, "/"))
	return err
}

// isHost reports whether a URL names one host. An IPv6 address has brackets, since its last part is not a port.
func isHost(u *url.URL) bool {
	host := u.Hostname()
	isIPv6 := strings.HasPrefix(u.Host, "[")
	return host != "" && !strings.Contains(host, ",") && strings.Contains(host, ":") == isIPv6
}

func isPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}

func parseSocket(u *url.URL, option *rueidis.ClientOption) (err error) {
	query := u.Query()
	database := query.Get("db")
	query.Del("db")
	if u.Host != "" || !path.IsAbs(u.Path) || len(query) > 0 {
		return errURL
	}
	option.InitAddress = []string{u.Path}
	option.DialCtxFn = func(ctx context.Context, path string, dialer *net.Dialer, _ *tls.Config) (net.Conn, error) {
		return dialer.DialContext(ctx, "unix", path)
	}
	option.SelectDB, err = parseDatabase(database)
	return err
}

func parseDatabase(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n >= maxDatabase {
		return 0, errDatabase
	}
	return n, nil
}

// complete puts in what does not depend on the URL. There is one connection, so that a write that Portico makes itself
// does not come back as the write of another replica.
func complete(option rueidis.ClientOption, tracked []string) rueidis.ClientOption {
	option.Dialer.Timeout, option.Dialer.KeepAlive, option.ConnWriteTimeout = dialLimit, silence, silence
	option.ForceSingleClient, option.PipelineMultiplex = true, -1
	option.DisableRetry, option.AlwaysPipelining = true, true
	option.ClientName, option.ClientSetInfo = "portico", rueidis.DisableClientSetInfo
	option.DisableCache = len(tracked) == 0
	for _, prefix := range tracked {
		option.ClientTrackingOptions = append(option.ClientTrackingOptions, "PREFIX", prefix)
	}
	option.ClientTrackingOptions = append(option.ClientTrackingOptions, "BCAST", "NOLOOP")
	return option
}
