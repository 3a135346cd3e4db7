package entra

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	grantClient   = "client_credentials"
	grantOnBehalf = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	grantCode     = "authorization_code"
	grantRefresh  = "refresh_token"
)

// A TokenRequest is a request to the token endpoint.
type TokenRequest struct {
	Tenant string // the segment of the URL
	Method string
	Form   url.Values // nil: the body is not a form
	Page   string     // the Origin header, with which a browser names the page that sends the request
	At     Origin
	Time   time.Time
}

// Token returns the members of the response to a token request, or the error. It checks the application's credential
// before the grant.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
func (d *Directory) Token(r TokenRequest) (map[string]any, *Error) {
	switch {
	case !d.IsTenant(r.Tenant):
		return nil, UnknownTenant(r.Tenant)
	case r.Method != http.MethodPost || r.Form == nil:
		return nil, invalidRequest(900561, "The endpoint only accepts POST requests with a form.")
	}
	for _, name := range []string{"grant_type", "client_id", "scope"} {
		if r.Form.Get(name) == "" {
			return nil, missing("'" + name + "'")
		}
	}
	kind := r.Form.Get("grant_type")
	if (kind == grantCode || kind == grantRefresh) && r.Form.Get("client_id") == BrowserAppID {
		return d.browserToken(r)
	}
	if refusal := d.authenticate(r.Form, r.At, r.Time); refusal != nil {
		return nil, refusal
	}
	switch kind {
	case grantClient:
		return d.clientToken(r)
	case grantOnBehalf:
		return d.onBehalfToken(r)
	default:
		return nil, &Error{
			Status: 400, Code: "unsupported_grant_type", Number: 70003,
			Message: "The app requested an unsupported grant type '" + kind + "'.",
		}
	}
}

// clientToken handles the client-credentials grant: a token of the application itself.
func (d *Directory) clientToken(r TokenRequest) (map[string]any, *Error) {
	scopes := resourceScopes(r.Form.Get("scope"))
	resource, isDefault := strings.CutSuffix(scopes, "/.default")
	if !isDefault {
		return nil, &Error{
			Status: 400, Code: "invalid_scope", Number: 1002012,
			Message: "The provided value for scope " + scopes + " is not valid. Client credential flows must have a scope " +
				"value with /.default suffixed to the resource identifier (application ID URI).",
		}
	}
	audience, refusal := d.audienceOf(resource, r.At)
	if refusal != nil {
		return nil, refusal
	}
	claims := d.appClaims(r.At.String(), r.Form.Get("client_id"), audience)
	if !d.isGraph(audience, r.At) {
		delete(claims, "roles")
	}
	return d.tokenResponse(claims), nil
}

// onBehalfToken handles the on-behalf-of grant: a token of the user whose token the application received.
func (d *Directory) onBehalfToken(r TokenRequest) (map[string]any, *Error) {
	if r.Form.Get("requested_token_use") != "on_behalf_of" {
		return nil, missing("'requested_token_use'")
	}
	clientID := r.Form.Get("client_id")
	user, refusal := d.assertedUser(r.Form.Get("assertion"), clientID, r.Time)
	if refusal != nil {
		return nil, refusal
	}
	scope := r.Form.Get("scope")
	audience, refusal := d.audienceOf(resourceOf(scope), r.At)
	if refusal != nil {
		return nil, refusal
	}
	claims := d.newClaims(r.At.String(), audience)
	claims["appid"], claims["azp"] = clientID, clientID
	claims["idtyp"] = "user"
	claims["scp"] = d.scope
	describeUser(claims, user)
	response := d.tokenResponse(claims)
	response["scope"] = fullScope(audience, d.scope, scope)
	if slices.Contains(strings.Fields(scope), "openid") {
		response["id_token"] = d.idToken(r.At.String(), clientID, user)
	}
	if r.Form.Get("client_info") == "1" {
		response["client_info"] = clientInfo(textOf(user, "oid"), d.tenant)
	}
	return response, nil
}

// assertedUser checks the token that the application received.
func (d *Directory) assertedUser(assertion, clientID string, now time.Time) (jwt.MapClaims, *Error) {
	user, err := d.claimsOf(assertion)
	audience := textOf(user, "aud")
	switch {
	case err != nil:
		return nil, invalidGrant(50013, "Assertion failed signature validation.")
	case !now.Before(timeOf(user, "exp")):
		return nil, invalidGrant(500133, "Assertion is not within its valid time range.")
	case audience != clientID && audience != "api://"+clientID:
		return nil, invalidGrant(500131, "Assertion audience does not match the Client app presenting the assertion.")
	case textOf(user, "idtyp") == "app" || textOf(user, "oid") == "":
		return nil, invalidGrant(7000114, "Application is not allowed to make application on-behalf-of calls.")
	}
	return user, nil
}

// resourceScopes drops the scopes of OpenID Connect, which every resource has. If there are no others, they stay.
func resourceScopes(scope string) string {
	var rest []string
	for _, name := range strings.Fields(scope) {
		switch name {
		case "openid", "profile", "email", "offline_access":
		default:
			rest = append(rest, name)
		}
	}
	if rest == nil {
		return scope
	}
	return strings.Join(rest, " ")
}

// resourceOf returns the resource that the first scope is of: what stands before its last slash.
func resourceOf(scope string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(resourceScopes(scope)), " ")
	if i := strings.LastIndexByte(first, '/'); i >= 0 {
		return first[:i]
	}
	return first
}

// audienceOf returns the audience of a token for a resource, or an error if the tenant does not know the resource.
func (d *Directory) audienceOf(resource string, at Origin) (string, *Error) {
	resource = strings.TrimSuffix(resource, "/")
	isClient := d.registered(strings.TrimPrefix(resource, "api://")) != nil
	if d.isGraph(resource, at) || isClient {
		return resource, nil
	}
	return "", &Error{
		Status: 400, Code: "invalid_resource", Number: 500011,
		Message: "The resource principal named " + resource + " was not found in the tenant.",
	}
}

func (d *Directory) tokenResponse(claims jwt.MapClaims) map[string]any {
	seconds := int64(d.lifetime / time.Second)
	return map[string]any{
		"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": d.sign(claims),
	}
}

// fullScope returns the granted permissions as the token endpoint lists them, each with its resource, and .default if
// the request named it: client libraries look the token up by what they requested.
func fullScope(audience, granted, requested string) string {
	names := strings.Fields(granted)
	for i, name := range names {
		names[i] = audience + "/" + name
	}
	for name := range strings.FieldsSeq(requested) {
		if strings.HasSuffix(name, "/.default") {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// idToken returns a token that tells the application who the user is.
func (d *Directory) idToken(at, clientID string, user jwt.MapClaims) string {
	claims := d.newClaims(at, clientID)
	describeUser(claims, user)
	return d.sign(claims)
}

// describeUser copies the claims that say who a user is.
func describeUser(claims, user jwt.MapClaims) {
	for _, name := range []string{"oid", "sub", "name", "preferred_username"} {
		claims[name] = user[name]
	}
}

func clientInfo(oid, tenant string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"uid":` + strconv.Quote(oid) + `,"utid":` +
		strconv.Quote(tenant) + `}`))
}
