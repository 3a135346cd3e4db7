package redact_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"portico/internal/redact"
)

const (
	jwt    = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2dyYXBoIn0.c2lnbmF0dXJl-_x"
	opaque = "EwBgA8l6BAAUO9chh8cJscQLmU_LSWpbnr0vmwwAAQx"
)

func TestTextKeepsWordsAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"a usual message":             {"Resource 'hostPorts' was not found.", "Resource 'hostPorts' was not found."},
		"a message about tokens":      {"Bearer token is missing. Access token has expired.", "Bearer token is missing. Access token has expired."},
		"a JWT":                       {"Token " + jwt + " is expired", "Token [redacted] is expired"},
		"the beginning of a JWT":      {"Token eyJ0eX… is expired", "Token [redacted]… is expired"},
		"a JWT inside a word":         {"value=x" + jwt, "value=[redacted]"},
		"a bearer header":             {"got Authorization: Bearer abc.def, try again", "got Authorization: Bearer [redacted], try again"},
		"a bearer header in JSON":     {`{"authorization":"bearer  abc"}`, `{"authorization":"Bearer [redacted]"}`},
		"a basic header":              {"got Authorization: Basic dXNlcjpwYXNzd29yZA==, try again", "got Authorization: Basic [redacted], try again"},
		"a basic header in JSON":      {`{"authorization":"basic dXNlcjpwYXNz"}`, `{"authorization":"Basic [redacted]"}`},
		"a basic header, cut":         {"got Basic dXNlcjpw…", "got Basic [redacted]…"},
		"a basic header, encoded":     {"header=Basic%20dXNlcjpwYXNzdw%3D%3D&x", "header=Basic [redacted]&x"},
		"words after basic":           {`Basic authentication is off. A basic re-check of Basic realm="x" BASIC AUTH`, `Basic authentication is off. A basic re-check of Basic realm="x" BASIC AUTH`},
		"the request's own token":     {"cannot read " + opaque, "cannot read [redacted]"},
		"half of the own token":       {"cannot read " + opaque[8:30] + "...", "cannot read [redacted]"},
		"a URL":                       {"see https://graph.microsoft.com/v1.0/x?y=z for more", "see [URL] for more"},
		"a URL in quotes":             {`"http://10.0.0.1:8080/a"`, `"[URL]"`},
		"a URL with escaped slashes":  {`https:\/\/graph.microsoft.com\/v1.0`, "[URL]"},
		"a URL in percent encoding":   {"redirect_uri=https%3A%2F%2Fexample.com%2Fx", "redirect_uri=[URL]"},
		"a URL without a scheme":      {"at graph.microsoft.com/v1.0/hosts('a')", "at [URL]'a')"},
		"an address and port":         {"dial tcp 127.0.0.1:443 failed", "dial tcp [URL] failed"},
		"an IPv6 address and port":    {"dial tcp [::1]:443 failed", "dial tcp [URL] failed"},
		"a token by its name":         {"access_token=abc&x=1", "[redacted]&x=1"},
		"a secret by its name":        {`"client_secret": "abc"`, `"[redacted]"`},
		"several lines":               {"one\r\ntwo\x00three", "one  two three"},
		"invalid UTF-8":               {"a\xffb", "a b"},
		"a long word of token's kind": {strings.Repeat("aB3-", 30), "[redacted]"},
		"an id of a certificate":      {"Bad id ZmM3YjFmMjVkNzRmMDRhYmM=", "Bad id ZmM3YjFmMjVkNzRmMDRhYmM="},
		"a decimal version":           {"version 1.2.3 of v1.0", "version 1.2.3 of v1.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := redact.Text(tt.text, opaque); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestALongTextIsCutBetweenWords(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		strings.Repeat("é ", 5000), strings.Repeat("word ", 190) + jwt + jwt, strings.Repeat("word ", 1630) + opaque + " end",
	} {
		got := redact.Text(text, opaque)
		if len(got) > 1000 || !utf8.ValidString(got) || strings.Contains(got, "eyJ") || strings.Contains(got, opaque[:8]) {
			t.Errorf("got %d bytes: %s", len(got), got)
		}
	}
}

func TestARequestIDHasItsForm(t *testing.T) {
	t.Parallel()
	for id, keep := range map[string]bool{
		"6196f281-1f1c-4697-8000-000000000004": true, "6196F281-1F1C-4697-8000-000000000004": true,
		"": false, jwt: false, "https://graph.microsoft.com": false, "6196f281": false,
		"6196f281-1f1c-4697-8000-000000000004\n": false, "x6196f281-1f1c-4697-8000-000000000004": false,
	} {
		if got := redact.RequestID(id); (got == id) != keep && id != "" || !keep && got != "" {
			t.Errorf("%q: got %q", id, got)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("Token "+jwt+" at https://x.example/", opaque)
	f.Add(opaque, opaque)
	f.Fuzz(func(t *testing.T, text, secret string) {
		got := redact.Text(text, secret)
		if len(got) > 1000 || !utf8.ValidString(got) || strings.Contains(got, "eyJ") || strings.Contains(got, "://") {
			t.Errorf("%q: got %q", text, got)
		}
		if len(secret) >= 12 && strings.Contains(got, secret) && !strings.Contains("[redacted][URL]Bearer ", secret) {
			t.Errorf("%q: the secret %q is in %q", text, secret, got)
		}
	})
}
