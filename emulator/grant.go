package emulator

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	grantClient   = "client_credentials"
	grantOnBehalf = "urn:ietf:params:oauth:grant-type:jwt-bearer"

	// maxForm is the size of a token request in bytes beyond which it is refused.
	maxForm = 1 << 20
)

// serveToken serves the token endpoint.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
func (e *Emulator) serveToken(w http.ResponseWriter, r *http.Request, c *call, tenant string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	parseErr := r.ParseForm()
	form := r.PostForm
	entry := e.log.beginToken(TokenRequest{
		Time: c.now, Grant: form.Get("grant_type"), ClientID: form.Get("client_id"), Scope: form.Get("scope"),
		Claims: form.Get("claims"),
	})
	c.caller = &grant{identity: "token endpoint/" + entry.ClientID}
	e.warnEarly(c.caller.identity, r.Method, r.URL.Path, c.now)
	fault := e.faults.take(onToken, r.URL.Path+"?"+entry.Grant)
	if fault != nil && e.failToken(w, r, c, fault, entry) {
		return
	}
	answer, refusal := e.token(c, tenant, form, r.Method, parseErr)
	if refusal != nil {
		e.log.endToken(entry, refusal.status)
		e.writeEntraError(w, c, refusal)
		return
	}
	e.log.endToken(entry, http.StatusOK)
	e.writeJSON(w, c, http.StatusOK, answer)
}

// token checks who asks, then what for.
func (e *Emulator) token(
	c *call, tenant string, form url.Values, method string, parseErr error,
) (map[string]any, *entraError) {
	switch {
	case !e.isTenant(tenant):
		return nil, unknownTenant(tenant)
	case method != http.MethodPost || parseErr != nil:
		return nil, &entraError{400, "invalid_request", 900561, "The endpoint only accepts POST requests with a form.", ""}
	}
	for _, name := range []string{"grant_type", "client_id", "scope"} {
		if form.Get(name) == "" {
			return nil, &entraError{
				400, "invalid_request", 900144, "The request body must contain the following parameter: '" + name + "'.", "",
			}
		}
	}
	if refusal := e.authenticate(c, form); refusal != nil {
		return nil, refusal
	}
	switch form.Get("grant_type") {
	case grantClient:
		return e.clientToken(c, form)
	case grantOnBehalf:
		return e.onBehalfToken(c, form)
	default:
		return nil, &entraError{
			400, "unsupported_grant_type", 70003,
			"The app requested an unsupported grant type '" + form.Get("grant_type") + "'.", "",
		}
	}
}

// clientToken answers the client-credentials grant: a token of the application itself.
func (e *Emulator) clientToken(c *call, form url.Values) (map[string]any, *entraError) {
	scopes := resourceScopes(form.Get("scope"))
	resource, isDefault := strings.CutSuffix(scopes, "/.default")
	if !isDefault {
		return nil, &entraError{
			400, "invalid_scope", 1002012, "The provided value for scope " + scopes + " is not valid. Client credential " +
				"flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", "",
		}
	}
	audience, refusal := e.audienceOf(c, resource)
	if refusal != nil {
		return nil, refusal
	}
	claims := e.appClaims(c.scheme+c.host, form.Get("client_id"), audience)
	if !e.isGraph(audience, c) {
		delete(claims, "roles")
	}
	return e.tokenAnswer(claims), nil
}

// onBehalfToken answers the on-behalf-of grant: a token of the user whose token the application was called with.
func (e *Emulator) onBehalfToken(c *call, form url.Values) (map[string]any, *entraError) {
	if form.Get("requested_token_use") != "on_behalf_of" {
		return nil, &entraError{400, "invalid_request", 900144, "The request body must contain the following parameter: 'requested_token_use'.", ""}
	}
	user, refusal := e.assertedUser(form.Get("assertion"), form.Get("client_id"), c.now)
	if refusal != nil {
		return nil, refusal
	}
	scope := resourceScopes(form.Get("scope"))
	resource, _, _ := cutLast(strings.Fields(scope)[0], "/")
	audience, refusal := e.audienceOf(c, resource)
	if refusal != nil {
		return nil, refusal
	}
	claims := e.newClaims(c.scheme+c.host, audience)
	claims["appid"], claims["azp"] = form.Get("client_id"), form.Get("client_id")
	claims["idtyp"] = "user"
	claims["scp"] = e.delegated
	for _, name := range []string{"oid", "sub", "name", "preferred_username"} {
		claims[name] = user[name]
	}
	answer := e.tokenAnswer(claims)
	answer["scope"] = fullScope(audience, e.delegated)
	if form.Get("client_info") == "1" {
		answer["client_info"] = clientInfo(textOf(user, "oid"), e.tenant)
	}
	return answer, nil
}

// assertedUser checks the token that the application was called with.
func (e *Emulator) assertedUser(assertion, clientID string, now time.Time) (jwt.MapClaims, *entraError) {
	user, err := e.claimsOf(assertion)
	audience := textOf(user, "aud")
	switch {
	case err != nil:
		return nil, &entraError{400, "invalid_grant", 50013, "Assertion failed signature validation.", ""}
	case !now.Before(timeOf(user, "exp")):
		return nil, &entraError{400, "invalid_grant", 500133, "Assertion is not within its valid time range.", ""}
	case audience != clientID && audience != "api://"+clientID:
		return nil, &entraError{
			400, "invalid_grant", 500131, "Assertion audience does not match the Client app presenting the assertion.", "",
		}
	case textOf(user, "idtyp") == "app" || textOf(user, "oid") == "":
		return nil, &entraError{400, "invalid_grant", 7000114, "Application is not allowed to make application on-behalf-of calls.", ""}
	}
	return user, nil
}

// resourceScopes drops the scopes of OpenID Connect, which every resource has.
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

// audienceOf refuses resources that the tenant does not know.
func (e *Emulator) audienceOf(c *call, resource string) (string, *entraError) {
	resource = strings.TrimSuffix(resource, "/")
	id := strings.TrimPrefix(resource, "api://")
	e.clientsMu.RLock()
	_, isClient := e.clients[id]
	e.clientsMu.RUnlock()
	if e.isGraph(resource, c) || isClient {
		return resource, nil
	}
	return "", &entraError{
		400, "invalid_resource", 500011, "The resource principal named " + resource + " was not found in the tenant.", "",
	}
}

func (e *Emulator) tokenAnswer(claims jwt.MapClaims) map[string]any {
	seconds := int64(e.lifetime / time.Second)
	return map[string]any{
		"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": e.sign(claims),
	}
}

// fullScope writes permissions the way the token endpoint lists them.
func fullScope(audience, scope string) string {
	names := strings.Fields(scope)
	for i, name := range names {
		names[i] = audience + "/" + name
	}
	return strings.Join(names, " ")
}

func clientInfo(oid, tenant string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"uid":` + strconv.Quote(oid) + `,"utid":` + strconv.Quote(tenant) + `}`))
}
