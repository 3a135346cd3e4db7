package entra

import (
	"encoding/base64"
	"maps"
	"net/url"
	"strings"
)

// WithBasic returns the form of a token request, with the client id and secret of its Authorization header added:
// client_secret_basic. Without such a header it returns the form itself. A header that cannot be read, or that differs
// from the form, adds a credential that is refused.
// https://datatracker.ietf.org/doc/html/rfc6749#section-2.3.1
func WithBasic(form url.Values, header string) url.Values {
	const scheme = "Basic "
	if form == nil || len(header) < len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return form
	}
	id, secret := readBasic(header[len(scheme):])
	form = maps.Clone(form)
	if given := form.Get("client_id"); given != "" && given != id || form.Has("client_secret") {
		secret = "" // a client authenticates in one way only
	}
	if form.Get("client_id") == "" {
		form.Set("client_id", id)
	}
	form.Set("client_secret", secret)
	return form
}

// readBasic reads the credentials of a Basic header. Both are escaped as in a form.
func readBasic(text string) (id, secret string) {
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return "", ""
	}
	id, secret, _ = strings.Cut(string(plain), ":")
	id, err1 := url.QueryUnescape(id)
	secret, err2 := url.QueryUnescape(secret)
	if err1 != nil || err2 != nil {
		return "", ""
	}
	return id, secret
}
