package entra

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// BrowserAppID is the one application that users can sign in to: a public client, as a page in a browser is. It has no
// secret, and may be at any loopback address.
const BrowserAppID = callerAppID

// A SignInRequest is a request to the authorization endpoint.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
type SignInRequest struct {
	Tenant string // the segment of the URL
	Method string
	Query  url.Values
	Time   time.Time
}

// codeLifetime is how long an authorization code can be redeemed, sessionLifetime how long a page stays signed in.
const (
	codeLifetime    = 10 * time.Minute
	sessionLifetime = 24 * time.Hour
)

// CheckSignIn returns the error that a person is shown in place of the page to sign in. Nothing is sent to a redirect
// URI before it was checked.
func (d *Directory) CheckSignIn(r SignInRequest) *Error {
	switch {
	case !d.IsTenant(r.Tenant):
		return UnknownTenant(r.Tenant)
	case r.Method != http.MethodGet:
		return invalidRequest(900561, "The emulator's authorization endpoint only accepts GET requests.")
	}
	for _, name := range []string{"client_id", "redirect_uri", "response_type", "scope"} {
		if r.Query.Get(name) == "" {
			return missing("'" + name + "'")
		}
	}
	switch {
	case r.Query.Get("client_id") != BrowserAppID:
		return &Error{
			Status: 400, Code: "unauthorized_client", Number: 700016,
			Message: "Application with identifier '" + r.Query.Get("client_id") + "' was not found in the directory.",
		}
	case !isLoopbackPage(r.Query.Get("redirect_uri")):
		return invalidRequest(50011, "The redirect URI specified in the request does not match the redirect URIs "+
			"configured for the application: the emulator allows loopback addresses.")
	case r.Query.Get("response_type") != "code":
		return invalidRequest(700054, "response_type must be 'code'.")
	case !slices.Contains([]string{"", "query", "fragment"}, r.Query.Get("response_mode")):
		return invalidRequest(70007, "response_mode must be 'query' or 'fragment'.")
	case r.Query.Get("code_challenge") == "" || r.Query.Get("code_challenge_method") != "S256":
		return invalidRequest(9002325, "Proof Key for Code Exchange is required for cross-origin "+
			"authorization code redemption.")
	}
	return nil
}

// SignIn returns where the browser goes after the user with that object id signed in, with a code. If the request
// allows no page to be shown (prompt=none), or there is no such user, it goes back with an error. The request must have
// been checked.
func (d *Directory) SignIn(r SignInRequest, userID string) string {
	user, known := userWith(userID)
	if !known {
		return back(r.Query, url.Values{
			"error":             {"login_required"},
			"error_description": {"AADSTS50058: A silent sign-in request was sent but no user is signed in."},
		})
	}
	code := d.newID()
	d.sessions.put(code, session{
		user: user, claims: r.Query.Get("claims"), nonce: r.Query.Get("nonce"),
		redirect: r.Query.Get("redirect_uri"), challenge: r.Query.Get("code_challenge"), expires: r.Time.Add(codeLifetime),
	})
	return back(r.Query, url.Values{
		"code": {code}, "client_info": {clientInfo(user.ID, d.tenant)}, "session_state": {d.newID()},
	})
}

// back returns the redirect URI of a request with the parameters of the response.
func back(request, response url.Values) string {
	if state := request.Get("state"); state != "" {
		response.Set("state", state)
	}
	separator := "#"
	if request.Get("response_mode") != "fragment" {
		separator = "?"
		if strings.Contains(request.Get("redirect_uri"), "?") {
			separator = "&"
		}
	}
	return request.Get("redirect_uri") + separator + response.Encode()
}

// SignedOut returns where the browser goes after signing out; empty if it stays.
func (d *Directory) SignedOut(query url.Values) string {
	if to := query.Get("post_logout_redirect_uri"); isLoopbackPage(to) {
		return to
	}
	return ""
}

// IsLoopbackOrigin reports whether an Origin header is that of a page on this machine.
func IsLoopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Path == "" && isLoopbackPage(origin)
}

// isLoopbackPage reports whether a URL is that of a page on this machine.
func isLoopbackPage(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || strings.Contains(text, "#") {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// browserToken handles the grants of the page that users sign in to: an authorization code or a refresh token.
func (d *Directory) browserToken(r TokenRequest) (map[string]any, *Error) {
	if !IsLoopbackOrigin(r.Page) {
		return nil, invalidRequest(9002327, "Tokens issued for the 'Single-Page Application' client-type may only be "+
			"redeemed via cross-origin requests.")
	}
	s, refusal := d.redeem(r)
	if refusal != nil {
		return nil, refusal
	}
	resource := resourceOf(r.Form.Get("scope"))
	audience, refusal := d.audienceOf(resource, r.At)
	if refusal != nil {
		return nil, refusal
	}
	claims := d.newClaims(r.At.String(), audience)
	claims["appid"], claims["azp"], claims["azpacr"] = BrowserAppID, BrowserAppID, "0"
	claims["scp"] = strings.ReplaceAll(resourceScopes(r.Form.Get("scope")), resource+"/", "")
	describeUser(claims, s.user.claims())
	grantClaims(claims, s.claims, r.Form.Get("claims"))
	response := d.tokenResponse(claims)
	response["scope"] = resourceScopes(r.Form.Get("scope"))
	response["client_info"] = clientInfo(s.user.ID, d.tenant)
	response["id_token"] = d.browserIDToken(r.At.String(), s)
	if slices.Contains(strings.Fields(r.Form.Get("scope")), "offline_access") {
		response["refresh_token"] = d.refreshToken(s, r.Time)
		response["refresh_token_expires_in"] = int64(sessionLifetime / time.Second)
	}
	return response, nil
}

// redeem returns the session of a code, once, or of a refresh token.
func (d *Directory) redeem(r TokenRequest) (session, *Error) {
	if r.Form.Get("grant_type") == grantRefresh {
		s, known := d.sessions.get(r.Form.Get("refresh_token"))
		switch {
		case !known || s.redirect != "" || !r.Time.Before(s.expires):
			return session{}, invalidGrant(700084, "The refresh token was issued to a single page app, and has a fixed, "+
				"limited lifetime of 1.00:00:00, which can not be extended. It is now expired.")
		case !grantedClaims(s.claims, r.Form.Get("claims")):
			return session{}, &Error{
				Status: 400, Code: "interaction_required", Number: 50076,
				Message: "Due to a configuration change made by your administrator, you must use multi-factor authentication.",
				Claims:  r.Form.Get("claims"),
			}
		}
		return s, nil
	}
	s, known := d.sessions.take(r.Form.Get("code"))
	sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
	proof := base64.RawURLEncoding.EncodeToString(sum[:])
	switch {
	case !known || s.redirect == "" || !r.Time.Before(s.expires):
		return session{}, invalidGrant(70008, "The provided authorization code has expired, was redeemed before, or "+
			"does not exist.")
	case s.redirect != r.Form.Get("redirect_uri"):
		return session{}, invalidGrant(500112, "The reply address does not match the reply address of the authorization "+
			"request.")
	case subtle.ConstantTimeCompare([]byte(proof), []byte(s.challenge)) != 1:
		return session{}, invalidGrant(501481, "The Code_Verifier does not match the code_challenge supplied in the "+
			"authorization request.")
	}
	return s, nil
}

// refreshToken returns a new refresh token. A page stays signed in for a day from its first one.
func (d *Directory) refreshToken(s session, now time.Time) string {
	if s.redirect != "" {
		s.redirect, s.challenge, s.expires = "", "", now.Add(sessionLifetime)
	}
	token := d.newID()
	d.sessions.put(token, s)
	return token
}

func (d *Directory) browserIDToken(at string, s session) string {
	claims := d.newClaims(at, BrowserAppID)
	describeUser(claims, s.user.claims())
	if s.nonce != "" {
		claims["nonce"] = s.nonce
	}
	return d.sign(claims)
}
