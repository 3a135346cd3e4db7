package entra

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ManagedIdentityPath is the token endpoint that a virtual machine offers to what runs on it.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
const ManagedIdentityPath = "/metadata/identity/oauth2/token"

// A MachineRequest is a request to the managed-identity endpoint.
type MachineRequest struct {
	Path     string
	Method   string
	Query    url.Values
	Metadata string // the request header of that name, which must be "true"
	At       Origin
	Time     time.Time
}

// ManagedIdentityToken returns the members of the response to a request for a machine's token, or the error. Every
// registered application can be the machine's identity; without client_id it is the first one.
func (d *Directory) ManagedIdentityToken(r MachineRequest) (map[string]any, *Error) {
	resource := strings.TrimSuffix(r.Query.Get("resource"), "/")
	if refusal := d.checkMachine(r, resource); refusal != nil {
		return nil, refusal
	}
	clientID := r.Query.Get("client_id")
	if clientID == "" {
		clientID = d.first
	}
	if d.registered(clientID) == nil {
		return nil, invalidRequest(0, "Identity not found")
	}
	seconds := int64(d.lifetime / time.Second)
	return map[string]any{
		"access_token": d.sign(d.appClaims(r.At.String(), clientID, resource)),
		"token_type":   "Bearer", "resource": resource, "client_id": clientID,
		"expires_in": strconv.FormatInt(seconds, 10),
		"expires_on": strconv.FormatInt(r.Time.Unix()+seconds, 10),
		"not_before": strconv.FormatInt(r.Time.Unix(), 10),
	}, nil
}

func (d *Directory) checkMachine(r MachineRequest, resource string) *Error {
	switch {
	case strings.TrimSuffix(r.Path, "/") != ManagedIdentityPath:
		return &Error{Status: 404, Code: "not_found", Message: "No such metadata."}
	case r.Method != http.MethodGet:
		return &Error{Status: 405, Code: "invalid_request", Message: "Only GET is allowed."}
	case !strings.EqualFold(r.Metadata, "true"):
		return invalidRequest(0, "Required metadata header not specified")
	case r.Query.Get("api-version") == "":
		return invalidRequest(0, "Required query variable 'api-version' is missing")
	case resource == "":
		return invalidRequest(0, "Required audience parameter not specified")
	case !d.isGraph(resource, r.At):
		return &Error{
			Status: 400, Code: "invalid_resource", Message: "The resource principal was not found in the tenant.",
		}
	}
	return nil
}
