package service

import (
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/config"
	"portico/internal/playground"
)

func TestHowPeopleSignIn(t *testing.T) {
	const (
		tenant, other = "11111111-2222-4333-8444-555555555555", "22222222-2222-4333-8444-555555555555"
		api, app      = "66666666-7777-4888-9999-aaaaaaaaaaaa", "77777777-7777-4888-9999-aaaaaaaaaaaa"
	)
	entra := []string{
		"PORTICO_CLOUD=global", "AZURE_TENANT_ID=" + tenant, "AZURE_CLIENT_ID=" + api, "AZURE_CLIENT_SECRET=x",
		"PORTICO_CALLERS=entra", "PORTICO_ENTRA_TENANTS=" + tenant, "PORTICO_ENTRA_SCOPES=Threats.Read,Threats.Write",
	}
	with := func(more ...string) []string { return append(append([]string{}, entra...), more...) }
	global := playground.SignIn{
		ClientID: app, Authority: "https://login.microsoftonline.com/" + tenant,
		Issuer: "https://login.microsoftonline.com/" + tenant + "/v2.0", Scopes: []string{"api://" + api + "/Threats.Read"},
	}
	changed := func(change func(*playground.SignIn)) playground.SignIn {
		how := global
		change(&how)
		return how
	}
	for _, row := range []struct {
		what     string
		settings []string
		want     playground.SignIn
	}{
		{"with an app registration", with("PORTICO_PLAYGROUND_CLIENT_ID=" + app), global},
		{"without one", entra, playground.SignIn{}},
		{
			"by an App ID URI", with("PORTICO_PLAYGROUND_CLIENT_ID="+app, "PORTICO_ENTRA_AUDIENCES="+api+",api://portico"),
			changed(func(s *playground.SignIn) { s.Scopes = []string{"api://portico/Threats.Read"} }),
		},
		{
			"by the client id alone", with("PORTICO_PLAYGROUND_CLIENT_ID="+app, "PORTICO_ENTRA_AUDIENCES="+api),
			changed(func(s *playground.SignIn) { s.Scopes = []string{api + "/Threats.Read"} }),
		},
		{
			"from two tenants", with("PORTICO_PLAYGROUND_CLIENT_ID="+app, "PORTICO_ENTRA_TENANTS="+tenant+","+other),
			changed(func(s *playground.SignIn) {
				s.Authority = "https://login.microsoftonline.com/organizations"
				s.Issuer = "https://login.microsoftonline.com/organizations/v2.0"
			}),
		},
	} {
		cfg, err := config.Load(nil, row.settings, io.Discard)
		if err != nil {
			t.Fatalf("%s: %v", row.what, err)
		}
		how, ok := signIn(cfg, &upstream{authority: cfg.Cloud.Authority, issuerV2: cfg.Cloud.IssuerV2()})
		if !ok {
			how = playground.SignIn{}
		}
		if diff := cmp.Diff(row.want, how); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.what, diff)
		}
	}
}
