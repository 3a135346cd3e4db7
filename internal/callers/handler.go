package callers

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"

	"portico/graph/code"
	"portico/internal/auth"
	"portico/internal/listen"
	"portico/internal/quota"
	"portico/internal/telemetry"
)

// MetadataPath is where RFC 9728 puts the metadata of a protected resource; the resource's own path may follow.
const MetadataPath = "/.well-known/oauth-protected-resource"

// Handler lets the requests of allowed callers through to next, with the caller in the context, and answers the others.
// No request keeps its Authorization header, so that nothing behind can log or forward the token.
func (g *Gate) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := g.enter(r)
		if err != nil {
			refused := g.count(r, refusalOf(err))
			if g.observer.Refused != nil {
				g.observer.Refused(r.Context(), refused.reason())
			}
			refused.write(w, r, g.metadataURL(r))
			return
		}
		r = r.WithContext(ctx)
		delete(r.Header, "Authorization") // in place: nothing in front of the gate reads it
		next.ServeHTTP(w, r)
	})
}

// count counts a refused token for the address that sent it, and returns the refusal, or another one once the address
// has sent too many. The token was verified all the same: those who share the address with an attacker are not shut
// out.
func (g *Gate) count(r *http.Request, refused *refusal) *refusal {
	if g.refused == nil || refused.oauth != invalidToken {
		return refused
	}
	state, granted := g.refused.Take(r.Context(), addressOf(r), 1, false)
	if granted {
		return refused
	}
	return &refusal{
		status: http.StatusTooManyRequests, code: code.RateLimited, wait: max(1, quota.Seconds(state.Wait)),
		message: "Too many access tokens from this address were refused. The last reason: " + refused.message,
	}
}

// addressOf returns the address that a request came from, of IPv6 the network, since one host has all of it.
func addressOf(r *http.Request) string {
	whole, err := netip.ParseAddrPort(r.RemoteAddr)
	address := whole.Addr().Unmap()
	switch {
	case err != nil:
		return r.RemoteAddr
	case address.Is6():
		if network, err := address.WithZone("").Prefix(64); err == nil {
			return network.String()
		}
	}
	return address.String()
}

// enter returns the context of an allowed request.
func (g *Gate) enter(r *http.Request) (context.Context, error) {
	headers := r.Header["Authorization"]
	if len(headers) > 1 {
		return nil, errTwoTokens
	}
	token := bearer(headers)
	if g.verifier == nil {
		return unverified(r, token), nil
	}
	if token == "" {
		return nil, errNoToken
	}
	caller, err := g.verify(token)
	if err != nil {
		return nil, err
	}
	telemetry.RecordOf(r.Context()).Caller(caller.Name())
	ctx := auth.WithCaller(r.Context(), auth.Caller{Token: token, Key: caller.Name(), Peer: r.RemoteAddr})
	return context.WithValue(ctx, contextKey{}, caller), nil
}

// unverified returns the context of a request whose token, if there is one, is nothing but a name for its sender.
func unverified(r *http.Request, token string) context.Context {
	caller := auth.Caller{Peer: r.RemoteAddr}
	if token != "" && !strings.ContainsFunc(token, notToken) {
		caller.Token, caller.Key = token, auth.TokenKey(token)
		telemetry.RecordOf(r.Context()).Caller(caller.Key)
	}
	return auth.WithCaller(r.Context(), caller)
}

// announces reports whether a token that was not verified says that its client can answer a claims challenge. If that
// is a lie, the liar gets a challenge.
func announces(token string) bool {
	var claims struct {
		Capabilities texts `json:"xms_cc"`
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	return err == nil && json.Unmarshal(payload, &claims) == nil && claims.Capabilities.hasFold("cp1")
}

// bearer returns the token of an Authorization header (RFC 6750, 2.1), or "".
func bearer(headers []string) string {
	if len(headers) == 0 {
		return ""
	}
	scheme, token, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// notToken reports whether r cannot be part of a bearer token.
func notToken(r rune) bool { return r <= ' ' || r > '~' || r == ',' || r == '"' }

// Metadata serves the protected resource metadata of RFC 9728, from which clients learn where tokens come from. Where
// callers are not authenticated, there is none.
func (g *Gate) Metadata() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.verifier == nil {
			http.NotFound(w, r)
			return
		}
		path := strings.TrimPrefix(r.URL.Path, MetadataPath)
		if path != "" && path != "/graphql" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "max-age=3600")
		_ = json.NewEncoder(w).Encode(map[string]any{ // a caller that has left needs no response
			"resource":                 g.base(r) + path,
			"resource_name":            "Portico",
			"authorization_servers":    g.verifier.issuers(),
			"scopes_supported":         append([]string{}, g.verifier.scopes()...),
			"bearer_methods_supported": []string{"header"},
		})
	})
}

// metadataURL returns where the metadata of /graphql is; empty where callers are not authenticated.
func (g *Gate) metadataURL(r *http.Request) string {
	if g.verifier == nil {
		return ""
	}
	return g.base(r) + MetadataPath + "/graphql"
}

// base returns the base URL under which the caller reaches Portico. The host was checked before.
func (g *Gate) base(r *http.Request) string {
	if g.publicURL != "" {
		return g.publicURL
	}
	return listen.Scheme(r) + "://" + r.Host
}
