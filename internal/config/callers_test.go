package config_test

import (
	"strings"
	"testing"
)

// entra is the least that authenticating callers by Entra ID needs.
func entra() environment {
	return real().with("PORTICO_CALLERS", "entra").with("PORTICO_ENTRA_TENANTS", tenant).with("PORTICO_ENTRA_SCOPES", "Threats.Read")
}

func oidc() environment {
	return real().with("PORTICO_CALLERS", "oidc").with("PORTICO_OIDC_ISSUER", "https://idp.example.com/realms/main").
		with("PORTICO_OIDC_AUDIENCES", "portico")
}

func TestRulesForCallers(t *testing.T) {
	const open = "192.0.2.1:8080"
	emulated := environment{"PORTICO_LISTEN": open}
	for _, test := range []struct {
		name string
		env  environment
		want string // part of the only problem; empty if there is none
	}{
		{"entra with tenant, client and scopes is complete", entra(), ""},
		{"entra may listen on any address", entra().with("PORTICO_LISTEN", open), ""},
		{"entra needs tenants", entra().with("PORTICO_ENTRA_TENANTS", ""), "PORTICO_ENTRA_TENANTS (--entra-tenants): must list the tenant ids"},
		{"a tenant is a GUID", entra().with("PORTICO_ENTRA_TENANTS", "contoso.com"), `got "contoso.com"`},
		{"there is no wildcard", entra().with("PORTICO_ENTRA_TENANTS", "*"), "there is no wildcard"},
		{"common is a wildcard", entra().with("PORTICO_ENTRA_TENANTS", tenant+",common"), `got "common"`},
		{"personal accounts are nobody's tenant", entra().with("PORTICO_ENTRA_TENANTS", "9188040D-6C67-4C5B-B112-36A304B66DAD"), "personal Microsoft accounts"},
		{"two tenants are taken", entra().with("PORTICO_ENTRA_TENANTS", tenant+" , "+client), ""},
		{"a list has no empty entry", entra().with("PORTICO_ENTRA_TENANTS", tenant+",,"), "without empty entries"},
		{"the client id is the audience", entra().with("AZURE_CLIENT_ID", "").with("AZURE_CLIENT_SECRET", "").with("PORTICO_MANAGED_IDENTITY", "system"), "PORTICO_ENTRA_AUDIENCES (--entra-audiences): must list"},
		{"Microsoft Graph is not an audience", entra().with("PORTICO_ENTRA_AUDIENCES", client+",https://graph.microsoft.com/"), "must not list Microsoft Graph"},
		{"nor is its application id", entra().with("PORTICO_ENTRA_AUDIENCES", "00000003-0000-0000-C000-000000000000"), "must not list Microsoft Graph"},
		{"somebody must be allowed to call", entra().with("PORTICO_ENTRA_SCOPES", ""), "nobody may call"},
		{"applications alone may call", entra().with("PORTICO_ENTRA_SCOPES", "").with("PORTICO_ENTRA_ROLES", "Threats.Read.All"), ""},
		{"versions are 1 and 2", entra().with("PORTICO_ENTRA_TOKEN_VERSIONS", "1,3"), "must be 1 or 2"},
		{"clients are GUIDs", entra().with("PORTICO_ENTRA_CLIENTS", "my-app"), `got "my-app"`},
		{"the authority is https", entra().with("PORTICO_ENTRA_AUTHORITY", "http://login.example.com"), "must begin with https://"},
		{"plain http is for loopback", entra().with("PORTICO_ENTRA_AUTHORITY", "http://127.0.0.1:9000"), ""},
		{"idtyp is required or not", entra().with("PORTICO_ENTRA_REQUIRE_IDTYP", "auto"), "must be on or off"},
		{"on behalf of users, scopes are needed", entra().with("PORTICO_IDENTITY", "obo").with("PORTICO_ENTRA_SCOPES", "").with("PORTICO_ENTRA_ROLES", "x"), "only users' tokens can be exchanged"},
		{"passthrough cannot be verified", entra().with("PORTICO_IDENTITY", "passthrough").with("AZURE_CLIENT_SECRET", ""), "only Microsoft Graph can verify them"},

		{"oidc with issuer and audience is complete", oidc(), ""},
		{"oidc needs an issuer", oidc().with("PORTICO_OIDC_ISSUER", ""), "PORTICO_OIDC_ISSUER (--oidc-issuer): must be the issuer"},
		{"the issuer is https", oidc().with("PORTICO_OIDC_ISSUER", "http://idp.example.com"), "must begin with https://"},
		{"oidc needs an audience", oidc().with("PORTICO_OIDC_AUDIENCES", ""), "PORTICO_OIDC_AUDIENCES (--oidc-audiences): must list"},
		{"symmetric algorithms are refused", oidc().with("PORTICO_OIDC_ALGORITHMS", "RS256,HS256"), "must be RS256"},
		{"no algorithm is refused", oidc().with("PORTICO_OIDC_ALGORITHMS", "none"), "must be RS256"},
		{"Entra ID exchanges its own tokens only", oidc().with("PORTICO_IDENTITY", "obo"), "only exchanges tokens that it issued"},

		{"no open address with an application's permissions", real().with("PORTICO_LISTEN", open), "anyone who can reach this address"},
		{"nor those of callers, unverified", real().with("PORTICO_LISTEN", open).with("PORTICO_IDENTITY", "obo"), "must be entra with PORTICO_IDENTITY=obo"},
		{"the emulator is opened by no accident", emulated, "set PORTICO_CLOUD=emulator explicitly"},
		{"the emulator may be opened", emulated.with("PORTICO_CLOUD", "emulator"), ""},
		{"passthrough needs TLS", real().with("PORTICO_LISTEN", open).with("PORTICO_IDENTITY", "passthrough"), "because callers send tokens for Microsoft Graph"},
		{"passthrough behind a named proxy is open", real().with("PORTICO_LISTEN", open).with("PORTICO_IDENTITY", "passthrough").with("PORTICO_TRUSTED_PROXIES", "10.0.0.0/8"), ""},
		{"passthrough with TLS is open", real().with("PORTICO_LISTEN", open).with("PORTICO_IDENTITY", "passthrough").with("PORTICO_TLS_CERTIFICATE", pair(t)).with("PORTICO_TLS_KEY", pair(t)), ""},
		{"an audit log needs a directory", real().with("PORTICO_AUDIT_LOG", "/nowhere/audit.log"), "PORTICO_AUDIT_LOG (--audit-log): must name a file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(t, test.env)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.want != "" && err == nil:
				t.Errorf("not refused, want %q", test.want)
			case err != nil && (!strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n")):
				t.Errorf("got %q, want only %q", err, test.want)
			}
		})
	}
}

func TestEmulatorIsOpenedByFlagToo(t *testing.T) {
	c := mustLoad(t, nil, "--cloud", "emulator", "--listen=0.0.0.0:8080")
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "0.0.0.0:8080") {
		t.Errorf("warnings: %q", c.Warnings)
	}
}

func TestAudiencesDefaultToTheClient(t *testing.T) {
	if got := mustLoad(t, entra()).Entra.Audiences.String(); got != client+",api://"+client {
		t.Errorf("got %s", got)
	}
}

func TestSettingsOfOtherCallersAreWarnedOf(t *testing.T) {
	c := mustLoad(t, entra().with("PORTICO_OIDC_ISSUER", "https://idp.example.com"))
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "PORTICO_OIDC_ISSUER will not be used: PORTICO_CALLERS is entra") {
		t.Errorf("warnings: %q", c.Warnings)
	}
}
