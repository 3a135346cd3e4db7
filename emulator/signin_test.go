package emulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portico/emulator"
	"portico/emulator/entra"
)

func TestThePageToSignInOffersTheUsers(t *testing.T) {
	t.Parallel()
	e := emulator.New(emulator.WithWorld(0))
	server, err := emulator.Start(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	base := server.URL + "/" + e.Tenant() + "/oauth2/v2.0/"
	get := func(method, target, origin string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = response.Body.Close() })
		return response
	}
	query := url.Values{
		"client_id": {entra.BrowserAppID}, "redirect_uri": {"http://localhost:8080/"}, "response_type": {"code"}, "state": {`"><script>`},
		"scope": {"openid"}, "code_challenge": {"x"}, "code_challenge_method": {"S256"}, "response_mode": {"fragment"},
	}
	response := get(http.MethodGet, base+"authorize?"+query.Encode(), "")
	var page strings.Builder
	if err := response.Write(&page); err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.Status, err)
	}
	for _, user := range entra.Users() {
		if !strings.Contains(page.String(), user.Name+" ("+user.Username+")") || !strings.Contains(page.String(), "emulator_user="+user.ID) {
			t.Errorf("%s is not offered:\n%s", user.Name, &page)
		}
	}
	if strings.Contains(page.String(), "<script>") {
		t.Errorf("the page contains what the request put in:\n%s", &page)
	}
	for what, row := range map[string]struct {
		add    url.Values
		status int
		to     string
	}{
		"a chosen user":    {url.Values{"emulator_user": {entra.Users()[0].ID}}, 302, "http://localhost:8080/#client_info="},
		"no page, no user": {url.Values{"prompt": {"none"}}, 302, "http://localhost:8080/#error=login_required"},
		"a page elsewhere": {url.Values{"redirect_uri": {"https://evil.example/"}}, 400, ""},
		"an unknown user":  {url.Values{"emulator_user": {"x"}}, 302, "http://localhost:8080/#error=login_required"},
	} {
		changed := url.Values{}
		for name, values := range query {
			changed[name] = values
		}
		for name, values := range row.add {
			changed[name] = values
		}
		response := get(http.MethodGet, base+"authorize?"+changed.Encode(), "")
		if to := response.Header.Get("Location"); response.StatusCode != row.status || !strings.HasPrefix(to, row.to) || row.to == "" && to != "" {
			t.Errorf("%s: %d to %s", what, response.StatusCode, to)
		}
	}
	for origin, allowed := range map[string]string{"http://localhost:8080": "http://localhost:8080", "https://evil.example": "", "null": "", "": ""} {
		for _, method := range []string{http.MethodOptions, http.MethodPost} {
			if got := get(method, base+"token", origin).Header.Get("Access-Control-Allow-Origin"); got != allowed {
				t.Errorf("%s from %q: allowed %q", method, origin, got)
			}
		}
	}
	if response := get(http.MethodGet, base+"logout?post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8080%2F", ""); response.Header.Get("Location") != "http://localhost:8080/" {
		t.Errorf("signing out: %s to %s", response.Status, response.Header.Get("Location"))
	}
}
