package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// A Caller is who sent a request, as far as Microsoft Graph's tokens depend on it.
type Caller struct {
	// Token is the caller's own bearer token.
	Token string
	// Key names the caller. Work may be shared between requests whose callers have
	// equal keys, so it must be [TokenKey] unless the token was verified.
	Key string
}

type callerKey struct{}

// WithCaller returns a context for the requests of the caller.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// TokenKey returns the key of a caller whose token was not verified. It depends on
// every byte of the token, because two unverified tokens with equal claims may be a
// genuine and a forged one. The token cannot be derived from it.
func TokenKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "token:" + hex.EncodeToString(sum[:])
}

func callerOf(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(Caller)
	return c, ok
}
