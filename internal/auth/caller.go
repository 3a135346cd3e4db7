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
// behind it can log or forward the token. A request with two Authorization headers is
// refused: whoever checked one of them before it came here may have checked the other.
func Callers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Header.Values("Authorization")
		if len(given) > 1 {
			refuse(w)
			return
		}
		token := ""
		if len(given) == 1 {
			token = bearer(given[0])
			r = r.Clone(r.Context())
			r.Header.Del("Authorization")
		}
		if token != "" {
			r = r.WithContext(context.WithValue(r.Context(), callerKey{}, caller{token: token, key: keyOf(token)}))
		}
		next.ServeHTTP(w, r)
	})
}

// refuse answers a request that names more than one caller, in the form of GraphQL.
func refuse(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(`{"errors":[{"message":"The request has more than one Authorization header; send one.",` +
		`"extensions":{"code":"BAD_REQUEST"}}]}`))
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
