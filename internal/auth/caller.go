package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"

	"portico/internal/redact"
)

// A Caller is who sent a request, as far as Microsoft Graph's tokens depend on it.
type Caller struct {
	// Token is the caller's own bearer token.
	Token string
	// Key names the caller. Work may be shared between requests whose callers have equal keys, so it must be [TokenKey]
	// unless the token was verified.
	Key string
	// Peer is the network address that the request came from, with its port.
	Peer string
}

type callerKey struct{}

// WithCaller returns a context for the requests of the caller. One without a token has neither a token nor a key.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// TokenKey returns the key of a caller whose token was not verified. It depends on every byte of the token, because two
// unverified tokens with equal claims may be a genuine and a forged one. The token cannot be derived from it.
func TokenKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	var key [len(tokenKey) + 2*sha256.Size]byte
	return string(hex.AppendEncode(append(key[:0], tokenKey...), sum[:]))
}

// tokenKey is what the keys of callers begin with whose tokens were not verified. Those of others name the caller.
const tokenKey = "token:"

// CallerOf returns the caller of a context, empty without one.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// peer returns the name under which the caller's address shares and is limited: without its port, and of IPv6 the
// network of 64 bits that one machine has to itself.
func (c Caller) peer() string {
	parsed, err := netip.ParseAddrPort(c.Peer)
	if err != nil {
		return "unknown"
	}
	ip := parsed.Addr().Unmap().WithZone("")
	if ip.Is6() {
		network, _ := ip.Prefix(64) // 64 bits always fit
		return network.String()
	}
	return ip.String()
}

// CallerKey returns a name for whoever sent a request, to share by: the key of the caller, or the address that the
// request came from where callers bring no token.
func CallerKey(ctx context.Context) string {
	c := CallerOf(ctx)
	if c.Token == "" {
		return "peer:" + c.peer()
	}
	return c.Key
}

// Redact returns text as it may be shown to the caller of a request, without the caller's token; see package redact.
func Redact(ctx context.Context, text string) string {
	caller := CallerOf(ctx)
	if redact.Clean(text, caller.Token) {
		return text
	}
	return redact.Text(text, caller.Token)
}
