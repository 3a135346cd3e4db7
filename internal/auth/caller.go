package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// caller is who asked: the bearer token and the key under which it is known.
type caller struct {
	token, key string
}

type callerKey struct{}

// Callers takes the bearer token of each request, if there is one, into the
// request's context, and hands the request on without the header, so that nothing
// behind it can log or forward the token.
func Callers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := bearer(r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") != "" {
			r = r.Clone(r.Context())
			r.Header.Del("Authorization")
		}
		if token != "" {
			r = r.WithContext(context.WithValue(r.Context(), callerKey{}, caller{token: token, key: keyOf(token)}))
		}
		next.ServeHTTP(w, r)
	})
}

// bearer returns the token of an Authorization header (RFC 6750, 2.1), or "".
func bearer(header string) string {
	scheme, token, _ := strings.Cut(strings.TrimSpace(header), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || strings.ContainsFunc(token, notToken) {
		return ""
	}
	return token
}

// notToken reports whether r cannot be part of a bearer token.
func notToken(r rune) bool { return r <= ' ' || r > '~' || r == ',' || r == '"' }

// keyOf returns the name under which a caller is known, from which the token
// cannot be had.
func keyOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "caller:" + hex.EncodeToString(sum[:])
}

func callerOf(ctx context.Context) (caller, bool) {
	c, ok := ctx.Value(callerKey{}).(caller)
	return c, ok
}
