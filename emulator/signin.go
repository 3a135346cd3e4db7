package emulator

import (
	"html/template"
	"net/http"
	"net/url"

	"portico/emulator/entra"
)

// chosenUser is the parameter that the page to sign in adds to its own URL.
const chosenUser = "emulator_user"

// signInPage lets a person choose one of the invented users.
var signInPage = template.Must(template.New("sign in").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to the emulator</title><link rel="icon" href="data:,">
<style>body{font:16px/1.5 sans-serif;max-width:28em;margin:4em auto;padding:0 1em}
a{display:block;margin:.5em 0;padding:.75em 1em;border:1px solid #888;border-radius:4px;color:inherit}</style></head>
<body><h1>Sign in to the emulator</h1>
<p>This page stands in for Microsoft Entra ID. The users are invented and have no password.</p>
{{range .}}<a id="{{.ID}}" href="{{.URL}}">{{.Name}} ({{.Username}})</a>
{{end}}</body></html>
`))

type signInChoice struct {
	entra.User
	URL string
}

// serveSignIn serves the authorization endpoint: a page on which a person chooses a user, and what follows.
func (e *Emulator) serveSignIn(w http.ResponseWriter, r *http.Request, c *call, tenant string) {
	query := r.URL.Query()
	request := entra.SignInRequest{Tenant: tenant, Method: r.Method, Query: query, Time: c.now}
	if refusal := e.CheckSignIn(request); refusal != nil {
		e.writeEntraError(w, c, refusal)
		return
	}
	if query.Has(chosenUser) || query.Get("prompt") == "none" {
		redirect(w, e.SignIn(request, query.Get(chosenUser)))
		return
	}
	var choices []signInChoice
	for _, user := range entra.Users() {
		query.Set(chosenUser, user.ID)
		choices = append(choices, signInChoice{user, (&url.URL{Path: r.URL.Path, RawQuery: query.Encode()}).String()})
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	_ = signInPage.Execute(w, choices) // the browser may have left
}

// serveSignOut serves the endpoint to which a page goes to sign out.
func (e *Emulator) serveSignOut(w http.ResponseWriter, r *http.Request, c *call, tenant string) {
	if !e.IsTenant(tenant) {
		e.writeEntraError(w, c, entra.UnknownTenant(tenant))
		return
	}
	if to := e.SignedOut(r.URL.Query()); to != "" {
		redirect(w, to)
		return
	}
	_, _ = w.Write([]byte("You signed out.\n"))
}

func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusFound)
}

// allowPage lets a page on this machine read the response of the token endpoint (CORS). It reports whether the request
// was a preflight request, which has its response then.
func allowPage(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if !entra.IsLoopbackOrigin(origin) {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	w.Header().Add("Vary", "Origin")
	if r.Method != http.MethodOptions {
		return false
	}
	w.Header().Set("Access-Control-Allow-Methods", "POST, OPTIONS")
	w.Header().Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	w.WriteHeader(http.StatusNoContent)
	return true
}
