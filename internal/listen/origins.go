package listen

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rs/cors"

	"portico/internal/loopback"
)

// preflightAge is how long browsers may remember that an origin is allowed; Chromium does so for two hours at most.
const preflightAge = 2 * time.Hour

// Origins are the origins whose pages may call Portico from a browser (CORS), in the form in which browsers send them.
type Origins []string

// ErrOrigin is what an origin must be.
var ErrOrigin = errors.New("must be a scheme and a host without a path or a wildcard, such as " +
	"https://app.example.com; plain http is allowed for loopback only")

// ParseOrigin returns an origin in lower case and without the default port of its scheme. There is no wildcard, and
// "null" is the origin of every sandboxed page.
func ParseOrigin(text string) (string, error) {
	u, err := url.Parse(strings.ToLower(text))
	if err != nil || u.Host == "" || u.User != nil || u.Path+u.RawQuery+u.Fragment != "" || u.ForceQuery {
		return "", ErrOrigin
	}
	if _, valid := hostOf(u.Host); !valid || strings.HasSuffix(u.Host, ":") {
		return "", ErrOrigin
	}
	switch {
	case u.Scheme == "https":
		u.Host = strings.TrimSuffix(u.Host, ":443")
	case u.Scheme == "http" && loopback.Is(u.Hostname()):
		u.Host = strings.TrimSuffix(u.Host, ":80")
	default:
		return "", ErrOrigin
	}
	return u.Scheme + "://" + u.Host, nil
}

// Handler answers preflight requests, and lets pages of the origins read what next responds. Without origins it is
// next. Credentials are never allowed: a browser adds nothing of its own, and tokens are in a header that the page
// sets.
func (o Origins) Handler(next http.Handler) http.Handler {
	if len(o) == 0 { // the library would allow all
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: o,
		AllowedMethods: []string{http.MethodGet, http.MethodPost, "QUERY"},
		AllowedHeaders: []string{"*"}, // an allowed origin may send what it likes, such as tracing headers
		ExposedHeaders: []string{"WWW-Authenticate", "Retry-After", "RateLimit", "RateLimit-Policy"},
		MaxAge:         int(preflightAge.Seconds()),
	}).Handler(next)
}

// Protection returns the rule of net/http about requests that a browser sends for another site, with the origins
// allowed.
func (o Origins) Protection() *http.CrossOriginProtection {
	protection := http.NewCrossOriginProtection()
	for _, origin := range o {
		_ = protection.AddTrustedOrigin(origin) // its form was checked
	}
	return protection
}
