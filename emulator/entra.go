package emulator

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strconv"
	"strings"
)

// An entraError is a refusal in Entra ID's form.
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
type entraError struct {
	status  int
	code    string // of OAuth 2.0
	number  int    // of Entra ID, AADSTS
	message string
	claims  string
}

// serveEntra serves discovery, keys and tokens.
func (e *Emulator) serveEntra(w http.ResponseWriter, r *http.Request) {
	c := e.newCall(r)
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case tenant == "common" && rest == "discovery/instance":
		e.writeJSON(w, c, http.StatusOK, instanceDiscovery(c, e.tenant))
	case rest == "oauth2/v2.0/token":
		e.serveToken(w, r, c, tenant)
	case rest == "v2.0/.well-known/openid-configuration" && e.isTenant(tenant):
		e.writeJSON(w, c, http.StatusOK, openIDConfiguration(c.scheme+c.host, e.tenant))
	case rest == "discovery/v2.0/keys" && e.isTenant(tenant):
		e.writeJSON(w, c, http.StatusOK, e.keySet())
	case rest == "v2.0/.well-known/openid-configuration" || rest == "discovery/v2.0/keys":
		e.writeEntraError(w, c, unknownTenant(tenant))
	case r.URL.Path == "/":
		e.serveControl(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (e *Emulator) isTenant(name string) bool {
	return strings.EqualFold(name, e.tenant) || name == "common" || name == "organizations"
}

func unknownTenant(name string) *entraError {
	return &entraError{
		status: 400, code: "invalid_request", number: 90002,
		message: "Tenant '" + name + "' not found. Check to make sure you have the correct tenant ID and are " +
			"signing into the correct cloud.",
	}
}

func instanceDiscovery(c *call, tenant string) map[string]any {
	return map[string]any{
		"tenant_discovery_endpoint": c.scheme + c.host + "/" + tenant + "/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata": []map[string]any{{
			"preferred_network": c.host, "preferred_cache": c.host, "aliases": []string{c.host},
		}},
	}
}

// openIDConfiguration is the discovery document.
// https://openid.net/specs/openid-connect-discovery-1_0.html
func openIDConfiguration(base, tenant string) map[string]any {
	at := base + "/" + tenant
	return map[string]any{
		"issuer":                                at + "/v2.0",
		"authorization_endpoint":                at + "/oauth2/v2.0/authorize",
		"token_endpoint":                        at + "/oauth2/v2.0/token",
		"jwks_uri":                              at + "/discovery/v2.0/keys",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt"},
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
	}
}

// keySet is the JSON Web Key Set that tokens are verified with; as Entra ID's, without "alg".
func (e *Emulator) keySet() map[string]any {
	public := e.key.PublicKey
	encode := base64.RawURLEncoding.EncodeToString
	return map[string]any{"keys": []map[string]any{{
		"kty": "RSA", "use": "sig", "kid": keyID, "x5t": keyID,
		"n": encode(public.N.Bytes()), "e": encode(big.NewInt(int64(public.E)).Bytes()),
	}}}
}

func (e *Emulator) writeJSON(w http.ResponseWriter, c *call, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "encoding the answer failed", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("X-Ms-Request-Id", c.requestID)
	h["Date"] = e.dateHeader(c.now)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller that has left needs no answer
}

func (e *Emulator) writeEntraError(w http.ResponseWriter, c *call, g *entraError) {
	description := g.message
	numbers := []int{}
	if g.number != 0 {
		description = "AADSTS" + strconv.Itoa(g.number) + ": " + g.message
		numbers = append(numbers, g.number)
	}
	stamp := c.now.UTC().Format("2006-01-02 15:04:05Z")
	body := map[string]any{
		"error": g.code,
		"error_description": description + " Trace ID: " + c.requestID + " Correlation ID: " + c.clientRequestID() +
			" Timestamp: " + stamp,
		"error_codes":    numbers,
		"timestamp":      stamp,
		"trace_id":       c.requestID,
		"correlation_id": c.clientRequestID(),
	}
	if g.claims != "" {
		body["claims"] = g.claims
	}
	e.writeJSON(w, c, g.status, body)
}
