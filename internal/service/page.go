package service

import (
	"net/http"
	"strings"

	"portico/emulator/entra"
	"portico/internal/config"
	"portico/internal/playground"
)

// graphiQL is the page, which says so where data is invented.
func graphiQL(cfg config.Config, up *upstream) http.Handler {
	if !cfg.Playground.On() {
		return http.NotFoundHandler()
	}
	options := playground.Options{Endpoint: "/graphql", Emulator: cfg.Emulated()}
	if options.Emulator {
		options.Notes = []string{inventedData}
	}
	if how, ok := signIn(cfg, up); ok {
		options.SignIn = &how
	} else if cfg.Callers != config.CallersNone || cfg.Identity != config.IdentityApp {
		options.Headers = tokenHeader
	}
	return playground.Handler(options)
}

// inventedData is what people are told where the emulator stands in for Microsoft Graph.
const inventedData = "The emulator is in use: all data is invented."

// tokenHeader shows in the Headers pane where a token goes. Without one, Portico says that it is missing.
const tokenHeader = "{\n  // Put an access token behind Bearer.\n  \"Authorization\": \"Bearer \"\n}"

// signIn returns how people sign in to the page; false if they cannot. The embedded emulator brings its own
// application.
func signIn(cfg config.Config, up *upstream) (playground.SignIn, bool) {
	how := playground.SignIn{ClientID: cfg.PlaygroundClientID}
	if how.ClientID == "" && up.emulator != nil {
		how.ClientID = entra.BrowserAppID
	}
	if how.ClientID == "" || cfg.Callers != config.CallersEntra || len(cfg.Entra.Scopes) == 0 {
		return how, false
	}
	e := entraCallers(cfg, up)
	tenant := e.Tenants[0]
	if len(e.Tenants) > 1 {
		tenant = "organizations" // people choose their own; Portico accepts the tokens of those tenants alone
	}
	how.Authority = strings.TrimSuffix(e.Authority, "/") + "/" + tenant
	how.Issuer = strings.TrimSuffix(e.IssuerV2, "/") + "/" + tenant + "/v2.0"
	how.Scopes = []string{resource(e.Audiences) + "/" + cfg.Entra.Scopes[0]}
	return how, true
}

// resource returns the name by which clients request tokens for Portico: its App ID URI if it is known.
func resource(audiences []string) string {
	for _, audience := range audiences {
		if strings.Contains(audience, "://") {
			return strings.TrimSuffix(audience, "/")
		}
	}
	return audiences[0]
}
