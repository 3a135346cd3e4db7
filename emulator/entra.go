package emulator

import (
	"encoding/json"
	"net/http"
	"strings"

	"portico/emulator/entra"
)

// serveEntra serves discovery, keys and tokens.
func (e *Emulator) serveEntra(w http.ResponseWriter, r *http.Request) {
	c := e.newCall(r)
	tenant, rest, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case tenant == "common" && rest == "discovery/instance":
		e.writeJSON(w, c, http.StatusOK, e.InstanceDiscovery(c.at))
	case rest == "oauth2/v2.0/authorize":
		e.serveSignIn(w, r, c, tenant)
	case rest == "oauth2/v2.0/logout":
		e.serveSignOut(w, r, c, tenant)
	case rest == "oauth2/v2.0/token":
		e.serveToken(w, r, c, tenant)
	case rest == "v2.0/.well-known/openid-configuration" && e.IsTenant(tenant):
		e.writeJSON(w, c, http.StatusOK, e.OpenIDConfiguration(c.at))
	case rest == "discovery/v2.0/keys" && e.IsTenant(tenant):
		e.writeJSON(w, c, http.StatusOK, e.KeySet())
	case rest == "v2.0/.well-known/openid-configuration" || rest == "discovery/v2.0/keys":
		e.writeEntraError(w, c, entra.UnknownTenant(tenant))
	default:
		http.NotFound(w, r)
	}
}

// maxForm is the maximum size of a token request in bytes.
const maxForm = 1 << 20

// serveToken serves the token endpoint.
func (e *Emulator) serveToken(w http.ResponseWriter, r *http.Request, c *call, tenant string) {
	if allowPage(w, r) {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	parseErr := r.ParseForm()
	form := entra.WithBasic(r.PostForm, r.Header.Get("Authorization"))
	entry := e.log.beginToken(TokenRequest{
		Time: c.now, Grant: form.Get("grant_type"), ClientID: form.Get("client_id"), Scope: form.Get("scope"),
		Claims: form.Get("claims"),
	})
	c.caller = &entra.Grant{Identity: "token endpoint/" + entry.ClientID}
	e.early.check(c, r.Method, r.URL.Path)
	fault := e.faults.take(Token, r.URL.Path+"?"+entry.Grant)
	if fault != nil && e.failToken(w, r, c, fault, entry) {
		return
	}
	if parseErr != nil {
		form = nil
	}
	body, refusal := e.Token(entra.TokenRequest{
		Tenant: tenant, Method: r.Method, Form: form, Page: r.Header.Get("Origin"), At: c.at, Time: c.now,
	})
	if refusal != nil {
		e.log.endToken(entry, refusal.Status)
		e.writeEntraError(w, c, refusal)
		return
	}
	e.log.endToken(entry, http.StatusOK)
	e.writeJSON(w, c, http.StatusOK, body)
}

// serveManagedIdentity serves the token endpoint of a virtual machine.
func (e *Emulator) serveManagedIdentity(w http.ResponseWriter, r *http.Request) {
	c := e.newCall(r)
	query := r.URL.Query()
	entry := e.log.beginToken(TokenRequest{
		Time: c.now, Grant: "managed_identity", ClientID: query.Get("client_id"), Scope: query.Get("resource"),
	})
	c.caller = &entra.Grant{Identity: "managed identity/" + entry.ClientID}
	e.early.check(c, r.Method, r.URL.Path)
	fault := e.faults.take(Token, r.URL.RequestURI())
	if fault != nil && e.failToken(w, r, c, fault, entry) {
		return
	}
	body, refusal := e.ManagedIdentityToken(entra.MachineRequest{
		Path: r.URL.Path, Method: r.Method, Query: query, Metadata: r.Header.Get("Metadata"), At: c.at, Time: c.now,
	})
	if refusal != nil {
		e.log.endToken(entry, refusal.Status)
		e.writeJSON(w, c, refusal.Status, map[string]any{"error": refusal.Code, "error_description": refusal.Message})
		return
	}
	e.log.endToken(entry, http.StatusOK)
	e.writeJSON(w, c, http.StatusOK, body)
}

func (e *Emulator) writeJSON(w http.ResponseWriter, c *call, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "encoding the response failed", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("X-Ms-Request-Id", c.requestID)
	h["Date"] = e.clock.header(c.now)
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller may have disconnected
}

func (e *Emulator) writeEntraError(w http.ResponseWriter, c *call, refusal *entra.Error) {
	e.writeJSON(w, c, refusal.Status, refusal.Body(c.requestID, c.clientRequestID(), c.now))
}
