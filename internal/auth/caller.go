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
}

type callerKey struct{}

// WithCaller returns a context for the requests of the caller.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// TokenKey returns the key of a caller whose token was not verified. It depends on every byte of the token, because two
// unverified tokens with equal claims may be a genuine and a forged one. The token cannot be derived from it.
func TokenKey(token string) string {
	sum := sha256.Sum256([]byte(token))
	return tokenKey + hex.EncodeToString(sum[:])
}

// tokenKey is what the keys of callers begin with whose tokens were not verified. Those of others name the caller.
const tokenKey = "token:"

type peerKey struct{}

// WithPeer returns a context for the requests that came from a network address, with its port.
func WithPeer(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, peerKey{}, peer(address))
}

// peer returns the name under which an address shares and is limited: without its port, and of IPv6 the network of
// 64 bits that one machine has to itself.
func peer(address string) string {
	parsed, err := netip.ParseAddrPort(address)
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

func peerOf(ctx context.Context) string {
	name, _ := ctx.Value(peerKey{}).(string)
	return name
}

// CallerKey returns a name for whoever sent a request, to share by: the key of the caller, or the address that the
// request came from where callers bring no token.
func CallerKey(ctx context.Context) string {
	if c, found := callerOf(ctx); found {
		return c.Key
	}
	return "peer:" + peerOf(ctx)
}

// Redact returns text as it may be shown to the caller of a request, without the caller's token; see package redact.
func Redact(ctx context.Context, text string) string {
	caller, _ := callerOf(ctx)
	if redact.Clean(text, caller.Token) {
		return text
	}
	return redact.Text(text, caller.Token)
}

func callerOf(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(Caller)
	return c, ok
}
