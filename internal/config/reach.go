package config

import (
	"crypto/tls"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"portico/internal/listen"
	"portico/internal/loopback"
)

// checkReach holds together how Portico is reached, and by whom.
func (l *loader) checkReach(c *Config) {
	l.checkTLS(c)
	l.checkPublicURL(c)
	if _, err := listen.ParseProxies(c.TrustedProxies); err != nil {
		l.wrong("PORTICO_TRUSTED_PROXIES", "must list addresses and ranges: "+err.Error())
	}
	for _, host := range c.AllowedHosts {
		if len(listen.NewHosts(host)) == 0 {
			l.wrong("PORTICO_ALLOWED_HOSTS", "must list host names or addresses; there is no wildcard (got \""+host+"\")")
		}
	}
	l.checkOrigins(c)
	l.checkAdmin(c)
	path, isUnix := listen.UnixSocket(c.Listen)
	if !l.given("PORTICO_DRAIN_DELAY") && (isUnix || isLoopback(c.Listen)) {
		c.DrainDelay = 0 // no load balancer watches such an address
	}
	if isUnix {
		l.checkSocket("PORTICO_LISTEN", path)
		return
	}
	if l.checkAddress("PORTICO_LISTEN", c.Listen) && !isLoopback(c.Listen) {
		l.checkOpen(c)
	}
}

// checkAdmin holds the address for health to its form, and what it serves beside health to an address that only users
// of this machine can reach.
func (l *loader) checkAdmin(c *Config) {
	if c.Profiling == Auto {
		l.wrong("PORTICO_PROFILING", "must be on or off")
	}
	if c.Profiling.On() && !c.AdminIsPrivate() {
		l.wrong("PORTICO_PROFILING", "requires PORTICO_ADMIN_LISTEN on a loopback address or a Unix socket, "+
			"such as 127.0.0.1:9090, because that address does not authenticate")
	}
	l.checkSecondAddress("PORTICO_ADMIN_LISTEN", c.AdminListen, c.Listen)
}

// checkSecondAddress holds an address beside others to its form, and to being another one. It may be empty.
func (l *loader) checkSecondAddress(variable, address, main string) {
	path, isUnix := listen.UnixSocket(address)
	switch {
	case address == "":
		return
	case isUnix:
		l.checkSocket(variable, path)
	default:
		l.checkAddress(variable, address)
	}
	if address == main && !strings.HasSuffix(address, ":0") {
		l.wrong(variable, "must differ from PORTICO_LISTEN")
	}
}

// AdminIsPrivate reports whether there is an address for health and only users of this machine can reach it.
func (c *Config) AdminIsPrivate() bool {
	_, isUnix := listen.UnixSocket(c.AdminListen)
	return isUnix || c.AdminListen != "" && isLoopback(c.AdminListen)
}

func (l *loader) checkOrigins(c *Config) {
	for _, text := range c.AllowedOrigins {
		origin, err := listen.ParseOrigin(text)
		if err != nil {
			l.wrong("PORTICO_ALLOWED_ORIGINS", err.Error()+" (got \""+text+"\")")
		}
		c.Origins = append(c.Origins, origin)
	}
}

// checkAddress notes an address that is not HOST:PORT, and reports whether it is.
func (l *loader) checkAddress(variable, address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		l.wrong(variable, "must be HOST:PORT, 127.0.0.1:8080 for example")
		return false
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		l.wrong(variable, "must have a port between 0 and 65535 (got "+port+")")
		return false
	}
	return true
}

func isLoopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	return loopback.Is(host)
}

// maxSocketPath is how long the path of a Unix socket may be on all systems.
const maxSocketPath = 103

func (l *loader) checkSocket(variable, path string) {
	switch {
	case !filepath.IsAbs(path):
		l.wrong(variable, "must have an absolute path after unix:, such as unix:/run/portico/portico.sock")
	case len(path) > maxSocketPath:
		l.wrong(variable, "must have a path of at most 103 characters after unix:")
	}
}

// checkTLS notes files that cannot be used, each by the setting that names it.
func (l *loader) checkTLS(c *Config) {
	switch {
	case c.TLSCertificate == "" && c.TLSKey == "":
		return
	case c.TLSCertificate == "":
		l.wrong("PORTICO_TLS_CERTIFICATE", "must name the certificate's file, because PORTICO_TLS_KEY is set")
	case c.TLSKey == "":
		l.wrong("PORTICO_TLS_KEY", "must name the private key's file, because PORTICO_TLS_CERTIFICATE is set")
	}
	l.readable("PORTICO_TLS_CERTIFICATE", c.TLSCertificate)
	l.readable("PORTICO_TLS_KEY", c.TLSKey)
	if l.noted("PORTICO_TLS_CERTIFICATE") || l.noted("PORTICO_TLS_KEY") {
		return
	}
	if _, err := tls.LoadX509KeyPair(c.TLSCertificate, c.TLSKey); err != nil {
		l.wrong("PORTICO_TLS_CERTIFICATE", "cannot be used together with PORTICO_TLS_KEY: "+err.Error())
	}
}

func (l *loader) checkPublicURL(c *Config) {
	if c.PublicURL == "" {
		return
	}
	base, err := url.Parse(c.PublicURL)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" ||
		strings.Trim(base.Path, "/") != "" || base.Scheme != "https" && base.Scheme != "http" ||
		len(listen.NewHosts(base.Host)) == 0 {
		l.wrong("PORTICO_PUBLIC_URL", "must be a scheme and a host without a path, such as https://portico.example.com")
		return
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
}

// encrypted reports whether callers' requests are encrypted at least as far as a proxy that the operator names.
func (c *Config) encrypted() bool { return c.TLSCertificate != "" || len(c.TrustedProxies) > 0 }

// checkOpen holds the settings to what an address that others can reach needs.
func (l *loader) checkOpen(c *Config) {
	if c.Callers == CallersNone && !l.noted("PORTICO_CALLERS") {
		l.checkOpenToAll(c)
	}
	if c.Callers != CallersNone && !c.encrypted() {
		l.warn("callers' tokens are sent unencrypted to " + c.Listen +
			": set PORTICO_TLS_CERTIFICATE, or name the proxy that ends TLS in PORTICO_TRUSTED_PROXIES")
	}
	if c.Callers != CallersNone && c.PublicURL == "" && len(c.AllowedHosts) == 0 {
		l.warn("only requests for localhost and loopback addresses are accepted: " +
			"set PORTICO_PUBLIC_URL or PORTICO_ALLOWED_HOSTS to the names that callers use")
	}
}

// checkOpenToAll holds to the rules an address where anybody may call.
func (l *loader) checkOpenToAll(c *Config) {
	emulated := c.CloudName == emulatorCloud
	switch {
	case c.Identity == IdentityOnBehalfOf:
		l.wrong("PORTICO_CALLERS",
			"must be entra with PORTICO_IDENTITY=obo on an address that is not loopback ("+c.Listen+")")
	case emulated && l.given("PORTICO_CLOUD"):
		l.warn("anyone who can reach " + c.Listen + " can query the emulator: callers are not authenticated")
	case c.Identity == IdentityPassthrough && c.encrypted():
		// Portico has no permissions of its own: Microsoft Graph decides by the caller's token.
	case c.Identity == IdentityPassthrough:
		l.wrong("PORTICO_LISTEN",
			"must be a loopback address such as 127.0.0.1:8080 without TLS, because callers send tokens for Microsoft Graph: "+
				"set PORTICO_TLS_CERTIFICATE and PORTICO_TLS_KEY, or name the proxy that ends TLS in PORTICO_TRUSTED_PROXIES")
	case emulated:
		l.wrong("PORTICO_LISTEN",
			"must be a loopback address such as 127.0.0.1:8080; "+
				"to serve the emulator to others without authentication, set PORTICO_CLOUD=emulator explicitly")
	default:
		l.wrong("PORTICO_LISTEN",
			"must be a loopback address such as 127.0.0.1:8080 with PORTICO_CALLERS=none: "+
				"Portico does not authenticate callers in this configuration, "+
				"so anyone who can reach this address could act with its permissions; set PORTICO_CALLERS to entra or oidc")
	}
}
