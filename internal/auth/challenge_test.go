package auth_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"portico/internal/auth"
)

// long has claims whose base64 needs padding and both of the characters in which the
// alphabets differ.
const long = `{"a":"??>>~~ü"}`

func TestClaimsChallenges(t *testing.T) {
	std, raw := base64.StdEncoding.EncodeToString([]byte(long)), base64.RawStdEncoding.EncodeToString([]byte(long))
	url, rawURL := base64.URLEncoding.EncodeToString([]byte(long)), base64.RawURLEncoding.EncodeToString([]byte(long))
	tests := []struct {
		name    string
		headers []string
		want    string
	}{
		{"padded base64 in quotes", []string{`Bearer error="insufficient_claims", claims="` + std + `"`}, long},
		{"base64 without padding", []string{`Bearer claims="` + raw + `"`}, long},
		{"base64 for URLs", []string{`Bearer claims="` + url + `"`}, long},
		{"base64 for URLs without padding", []string{`Bearer claims="` + rawURL + `"`}, long},
		{"no quotes, padding and all", []string{`Bearer claims=` + std + `, error=insufficient_claims`}, long},
		{"an unquoted address before it", []string{`Bearer realm="", authorization_uri=https://login.example.com/common/oauth2/authorize?a=b, claims=` + std}, long},
		{"names in capitals and spaces around", []string{`BEARER  Error = "x" ,  CLAIMS = "` + std + `"`}, long},
		{"escapes in quotes", []string{`Bearer realm="a \"quoted, claims=no\" one", claims="` + std + `"`}, long},
		{"another scheme first", []string{`Negotiate, Basic realm="x", Bearer claims="` + std + `"`}, long},
		{"another scheme with a token68 first", []string{`Negotiate YWJj==, Bearer claims="` + std + `"`}, long},
		{"another scheme after it", []string{`Bearer claims="` + std + `", PoP nonce="x"`}, long},
		{"the claims of another scheme", []string{`PoP claims="` + std + `"`}, ""},
		{"a second header", []string{`Basic realm="x"`, `Bearer claims="` + std + `"`}, long},
		{"the second of two Bearer challenges", []string{`Bearer error="x", Bearer claims="` + std + `"`}, long},
		{"a quote that never ends", []string{`Bearer claims="` + std}, long},
		{"plain JSON", []string{`Bearer claims="{\"a\":1}"`}, `{"a":1}`},
		{"no claims", []string{`Bearer error="invalid_token"`}, ""},
		{"base64 of no object", []string{`Bearer claims="` + base64.StdEncoding.EncodeToString([]byte(`[1]`)) + `"`}, ""},
		{"rubbish", []string{`Bearer claims="%%%"`}, ""},
		{"signs alone", []string{`=,="",,=`}, ""},
		{"nothing", nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := challengedClaims(t, test.headers); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// challengedClaims has Microsoft Graph answer 401 with the headers and returns the
// claims that the caller gets to see.
func challengedClaims(t testing.TB, headers []string) string {
	source, err := auth.New(auth.Settings{GraphURL: graphURL, Mode: auth.Passthrough}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ask(as(t.Context(), "x"), source, headerTrip(headers))
	if e, ok := asError(err); ok {
		return e.Claims
	}
	t.Fatalf("error: %v", err)
	return ""
}

// headerTrip answers 401 with challenges.
type headerTrip []string

func (h headerTrip) RoundTrip(req *http.Request) (*http.Response, error) {
	_ = req.Body.Close()
	return &http.Response{StatusCode: 401, Header: http.Header{"Www-Authenticate": h}, Body: http.NoBody, Request: req}, nil
}

func FuzzWWWAuthenticate(f *testing.F) {
	f.Add(`Bearer realm="", authorization_uri=https://login.example.com/, error="insufficient_claims", claims="eyJhIjoxfQ=="`)
	f.Add(`Negotiate, Basic realm="\"", Bearer claims=eyJhIjoxfQ`)
	f.Add(`"=,`)
	f.Fuzz(func(t *testing.T, header string) {
		claims := challengedClaims(t, []string{header})
		if claims != "" && claims[0] != '{' && claims[0] != ' ' && claims[0] != '\t' && claims[0] != '\n' && claims[0] != '\r' {
			t.Errorf("claims are no object: %q", claims)
		}
	})
}
