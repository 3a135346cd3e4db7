package entra_test

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"portico/emulator/entra"
)

const (
	verifier = "a-verifier-that-is-long-enough-for-the-standard"
	page     = "http://localhost:8080"
	scope    = "api://" + client + "/access_as_user openid profile offline_access"
)

// signingIn is a directory whose ids differ, with its clock.
type signingIn struct {
	*entra.Directory
	now time.Time
}

func newSigningIn() *signingIn {
	s := &signingIn{now: time.Unix(1_700_000_000, 0)}
	ids := 0
	s.Directory = entra.New(entra.Config{
		Tenant: "tenant", Audience: audience, First: client, Scope: entra.Permission, Lifetime: time.Hour,
		Now: func() time.Time { return s.now }, NewID: func() string { ids++; return "id" + strconv.Itoa(ids) },
		Clients: map[string]*entra.Client{client: {Secret: "secret"}},
	})
	return s
}

// request is one to sign in, changed by pairs; "" removes a parameter.
func request(pairs ...string) entra.SignInRequest {
	sum := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"client_id": {entra.BrowserAppID}, "redirect_uri": {page + "/"}, "response_type": {"code"}, "response_mode": {"fragment"},
		"scope": {scope}, "state": {"s+t"}, "nonce": {"n"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}
	change(query, pairs)
	return entra.SignInRequest{Tenant: "tenant", Method: "GET", Query: query, Time: time.Unix(1_700_000_000, 0)}
}

func change(form url.Values, pairs []string) {
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			form.Del(pairs[i])
		}
	}
}

func TestCheckSignIn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		request entra.SignInRequest
		number  int
	}{
		"a page on this machine":          {request(), 0},
		"by a loopback address":           {request("redirect_uri", "https://127.0.0.1:8443/x?y=z"), 0},
		"by response_mode=query":          {request("response_mode", ""), 0},
		"a page elsewhere":                {request("redirect_uri", "https://localhost.example/"), 50011},
		"a page behind a user name":       {request("redirect_uri", "http://localhost@evil.example/"), 50011},
		"a redirect URI with a fragment":  {request("redirect_uri", page+"/#x"), 50011},
		"a scheme that is not of the web": {request("redirect_uri", "javascript://localhost/"), 50011},
		"another application":             {request("client_id", client), 700016},
		"tokens without a code":           {request("response_type", "token"), 700054},
		"a form":                          {request("response_mode", "form_post"), 70007},
		"no challenge":                    {request("code_challenge", ""), 9002325},
		"a plain challenge":               {request("code_challenge_method", "plain"), 9002325},
		"no scope":                        {request("scope", ""), 900144},
		"another tenant":                  {entra.SignInRequest{Tenant: "other", Method: "GET"}, 90002},
		"POST":                            {entra.SignInRequest{Tenant: "tenant", Method: "POST"}, 900561},
	} {
		got := 0
		if refusal := newSigningIn().CheckSignIn(tt.request); refusal != nil {
			got = refusal.Number
		}
		if got != tt.number {
			t.Errorf("%s: error %d, want %d", name, got, tt.number)
		}
	}
}

// signIn returns the code of a user who signed in.
func (s *signingIn) signIn(t *testing.T, r entra.SignInRequest, user string) string {
	t.Helper()
	to, err := url.Parse(s.SignIn(r, user))
	if err != nil {
		t.Fatal(err)
	}
	response, err := url.ParseQuery(to.EscapedFragment())
	if err != nil || response.Get("state") != "s+t" || to.Host != "localhost:8080" {
		t.Fatalf("back to %s, %v", to, err)
	}
	return response.Get("code")
}

// token sends a token request of the page, changed by pairs.
func (s *signingIn) token(form url.Values, pairs ...string) (map[string]any, *entra.Error) {
	form = maps.Clone(form)
	change(form, pairs)
	return s.Token(entra.TokenRequest{Tenant: "tenant", Method: "POST", Form: form, Page: page, At: here, Time: s.now})
}

func codeForm(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {entra.BrowserAppID}, "scope": {scope}, "code": {code},
		"redirect_uri": {page + "/"}, "code_verifier": {verifier},
	}
}

func refreshForm(token any) url.Values {
	text, _ := token.(string)
	return url.Values{"grant_type": {"refresh_token"}, "client_id": {entra.BrowserAppID}, "scope": {scope}, "refresh_token": {text}}
}

func claimsIn(t *testing.T, token any) jwt.MapClaims {
	t.Helper()
	text, _ := token.(string)
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(text, claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestAPageSignsIn(t *testing.T) {
	t.Parallel()
	s, ada := newSigningIn(), entra.Users()[0]
	code := s.signIn(t, request("claims", `{"access_token":{"xms_cc":{"values":["cp1"]}}}`), ada.ID)
	response, refusal := s.token(codeForm(code))
	if refusal != nil {
		t.Fatal(refusal)
	}
	access, id := claimsIn(t, response["access_token"]), claimsIn(t, response["id_token"])
	if access["aud"] != "api://"+client || access["scp"] != "access_as_user" || access["oid"] != ada.ID || access["azp"] != entra.BrowserAppID {
		t.Errorf("access token %v", access)
	}
	if list, _ := access["xms_cc"].([]any); len(list) != 1 || list[0] != "cp1" {
		t.Errorf("capabilities %v", access["xms_cc"])
	}
	if id["aud"] != entra.BrowserAppID || id["nonce"] != "n" || id["preferred_username"] != ada.Username {
		t.Errorf("id token %v", id)
	}
	if response["scope"] != "api://"+client+"/access_as_user" {
		t.Errorf("scope %v", response["scope"])
	}
	if _, refusal := s.token(codeForm(code)); refusal == nil || refusal.Number != 70008 {
		t.Errorf("the code a second time: %v", refusal)
	}
	again, refusal := s.token(refreshForm(response["refresh_token"]))
	if refusal != nil || claimsIn(t, again["access_token"])["oid"] != ada.ID || again["refresh_token"] == response["refresh_token"] {
		t.Errorf("a new token: %v, %v", again, refusal)
	}
	const challenge = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`
	if _, refusal := s.token(refreshForm(again["refresh_token"]), "claims", challenge); refusal == nil || refusal.Code != "interaction_required" {
		t.Errorf("with a claims challenge: %v", refusal)
	}
	s.now = s.now.Add(24 * time.Hour)
	if _, refusal := s.token(refreshForm(again["refresh_token"])); refusal == nil || refusal.Number != 700084 {
		t.Errorf("after a day: %v", refusal)
	}
	stronger := request("claims", challenge)
	stronger.Time = s.now
	response, refusal = s.token(codeForm(s.signIn(t, stronger, ada.ID)))
	if refusal != nil || claimsIn(t, response["access_token"])["acrs"] != "c1" {
		t.Errorf("after the challenge: %v, %v", response, refusal)
	}
}

func TestACodeIsForWhoAskedForItAlone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		pairs  []string
		page   string
		late   time.Duration
		number int
	}{
		"another verifier":        {[]string{"code_verifier", "another"}, page, 0, 501481},
		"no verifier":             {[]string{"code_verifier", ""}, page, 0, 501481},
		"another page":            {[]string{"redirect_uri", page + "/other"}, page, 0, 500112},
		"not from a page":         {nil, "", 0, 9002327},
		"from a page elsewhere":   {nil, "https://evil.example", 0, 9002327},
		"too late":                {nil, page, 10 * time.Minute, 70008},
		"as a refresh token":      {[]string{"grant_type", "refresh_token"}, page, 0, 700084},
		"by another application":  {[]string{"client_id", client, "client_secret", "secret"}, page, 0, 70003},
		"for an unknown resource": {[]string{"scope", "api://other/x"}, page, 0, 500011},
	} {
		s := newSigningIn()
		code := s.signIn(t, request(), entra.Users()[0].ID)
		form := codeForm(code)
		form.Set("refresh_token", code)
		change(form, tt.pairs)
		_, refusal := s.Token(entra.TokenRequest{
			Tenant: "tenant", Method: "POST", Form: form, Page: tt.page, At: here, Time: s.now.Add(tt.late),
		})
		if refusal == nil || refusal.Number != tt.number {
			t.Errorf("%s: %v, want error %d", name, refusal, tt.number)
		}
	}
}

// An application gets the same token on behalf of all users, and Microsoft Graph decides by the user's license.
func TestMicrosoftGraphDecidesByTheUsersLicense(t *testing.T) {
	t.Parallel()
	s := newSigningIn()
	for _, user := range entra.Users() {
		response, refusal := s.token(codeForm(s.signIn(t, request(), user.ID)))
		if refusal != nil {
			t.Fatal(refusal)
		}
		assertion, _ := response["access_token"].(string)
		body, refusal := s.token(url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "requested_token_use": {"on_behalf_of"}, "assertion": {assertion},
			"client_id": {client}, "client_secret": {"secret"}, "scope": {audience + "/.default"},
		})
		if refusal != nil {
			t.Fatal(refusal)
		}
		token, _ := body["access_token"].(string)
		if _, denied := s.Authorize("Bearer "+token, here, s.now); (denied == nil) != user.Licensed || denied != nil && !denied.Forbidden {
			t.Errorf("%s: %v", user.Name, denied)
		}
	}
	if to := s.SignIn(request(), "nobody"); to == "" || s.signIn(t, request(), "nobody") != "" {
		t.Errorf("an unknown user: %s", to)
	}
}

func TestSignedOut(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{page + "/": page + "/", "": "", "https://evil.example/": ""} {
		if got := newSigningIn().SignedOut(url.Values{"post_logout_redirect_uri": {to}}); got != want {
			t.Errorf("%q: got %q", to, got)
		}
	}
}
