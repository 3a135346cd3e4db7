package emulator

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// serveManagedIdentity serves the token endpoint of a virtual machine.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
func (e *Emulator) serveManagedIdentity(w http.ResponseWriter, r *http.Request) {
	c := e.newCall(r)
	query := r.URL.Query()
	entry := e.log.beginToken(TokenRequest{
		Time: c.now, Grant: "managed_identity", ClientID: query.Get("client_id"), Scope: query.Get("resource"),
	})
	c.caller = &grant{identity: "managed identity/" + entry.ClientID}
	e.warnEarly(c.caller.identity, r.Method, r.URL.Path, c.now)
	fault := e.faults.take(onToken, r.URL.RequestURI())
	if fault != nil && e.failToken(w, r, c, fault, entry) {
		return
	}
	answer, refusal := e.managedIdentityToken(c, r)
	if refusal != nil {
		e.log.endToken(entry, refusal.status)
		e.writeJSON(w, c, refusal.status, map[string]any{"error": refusal.code, "error_description": refusal.message})
		return
	}
	e.log.endToken(entry, http.StatusOK)
	e.writeJSON(w, c, http.StatusOK, answer)
}

func (e *Emulator) managedIdentityToken(c *call, r *http.Request) (map[string]any, *entraError) {
	query := r.URL.Query()
	resource, clientID := strings.TrimSuffix(query.Get("resource"), "/"), query.Get("client_id")
	switch {
	case r.URL.Path != "/metadata/identity/oauth2/token":
		return nil, &entraError{status: 404, code: "not_found", message: "No such metadata."}
	case r.Method != http.MethodGet:
		return nil, &entraError{status: 405, code: "invalid_request", message: "Only GET is allowed."}
	case !strings.EqualFold(r.Header.Get("Metadata"), "true"):
		return nil, &entraError{status: 400, code: "invalid_request", message: "Required metadata header not specified"}
	case query.Get("api-version") == "":
		return nil, &entraError{status: 400, code: "invalid_request", message: "Required query variable 'api-version' is missing"}
	case resource == "":
		return nil, &entraError{status: 400, code: "invalid_request", message: "Required audience parameter not specified"}
	case !e.isGraph(resource, c):
		return nil, &entraError{status: 400, code: "invalid_resource", message: "The resource principal was not found in the tenant."}
	}
	if clientID == "" {
		clientID = e.clientID
	}
	e.clientsMu.RLock()
	_, known := e.clients[clientID]
	e.clientsMu.RUnlock()
	if !known {
		return nil, &entraError{status: 400, code: "invalid_request", message: "Identity not found"}
	}
	claims := e.appClaims(c.scheme+c.host, clientID, resource)
	seconds := int64(e.lifetime / time.Second)
	return map[string]any{
		"access_token": e.sign(claims), "token_type": "Bearer", "resource": resource, "client_id": clientID,
		"expires_in": strconv.FormatInt(seconds, 10),
		"expires_on": strconv.FormatInt(c.now.Unix()+seconds, 10),
		"not_before": strconv.FormatInt(c.now.Unix(), 10),
	}, nil
}
