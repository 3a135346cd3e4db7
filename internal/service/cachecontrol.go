package service

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"portico/internal/cache"
)

// obeyCacheControl has the cache do what a request's Cache-Control says.
func obeyCacheControl(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if demand := demandOf(r.Header.Values("Cache-Control")); demand != (cache.Demand{}) {
			r = r.WithContext(cache.With(r.Context(), demand))
		}
		next.ServeHTTP(w, r)
	})
}

// demandOf reads Cache-Control: no-cache, no-store and max-age. Directives that it does not know, and ages that are no
// whole number of seconds, are ignored. The strictest one counts.
func demandOf(fields []string) (d cache.Demand) {
	for directive := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(directive)), "=")
		switch strings.TrimSpace(name) {
		case "no-store":
			d = cache.Demand{HasMaxAge: true, NoStore: true}
		case "no-cache":
			d.MaxAge, d.HasMaxAge = 0, true
		case "max-age":
			age, ok := ageOf(strings.Trim(strings.TrimSpace(value), `"`))
			if ok && (!d.HasMaxAge || age < d.MaxAge) {
				d.MaxAge, d.HasMaxAge = age, true
			}
		}
	}
	return d
}

// ageOf reads a number of seconds. One beyond 2^31 is as good as that (RFC 9111, section 1.2.2).
func ageOf(text string) (time.Duration, bool) {
	seconds, err := strconv.ParseUint(text, 10, 31)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return time.Duration(seconds) * time.Second, true //nolint:gosec // 31 bits
}
