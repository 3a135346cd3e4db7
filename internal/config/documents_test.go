package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSchemaAccess(t *testing.T) {
	guarded := func(more ...string) []string {
		return append([]string{"PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=access_as_user"}, more...)
	}
	for _, row := range []struct {
		what    string
		environ []string
		want    string
		may     bool
	}{
		{"on loopback", nil, "on", true},
		{"on loopback, with callers", guarded(), "on", true},
		{"on a Unix socket", []string{"PORTICO_LISTEN=unix:/run/portico.sock"}, "on", true},
		{"callers off loopback", guarded("PORTICO_LISTEN=0.0.0.0:8080"), "callers", true},
		{"callers behind a proxy on this machine", guarded("PORTICO_PUBLIC_URL=https://portico.example.com"), "callers", true},
		{"the emulator for everybody", []string{"PORTICO_LISTEN=0.0.0.0:8080", "PORTICO_CLOUD=emulator"}, "on", true},
		{
			"passthrough off loopback", []string{
				"PORTICO_LISTEN=0.0.0.0:8080", "PORTICO_CLOUD=global", "PORTICO_IDENTITY=passthrough", "PORTICO_TRUSTED_PROXIES=10.0.0.1",
			}, "callers", false,
		},
		{"on, off loopback", guarded("PORTICO_LISTEN=0.0.0.0:8080", "PORTICO_INTROSPECTION=on"), "on", true},
		{"off", []string{"PORTICO_INTROSPECTION=off"}, "off", false},
		{"callers, where there are none", []string{"PORTICO_INTROSPECTION=callers"}, "callers", false},
	} {
		t.Run(row.what, func(t *testing.T) {
			env := environment{}
			for _, entry := range row.environ {
				name, value, _ := strings.Cut(entry, "=")
				env[name] = value
			}
			cfg := mustLoad(t, env)
			if cfg.Introspection != row.want || cfg.Introspects() != row.may {
				t.Errorf("%s, may %v", cfg.Introspection, cfg.Introspects())
			}
		})
	}
}

func TestQueriesAreNotRegisteredWhereOnlyTrustedOnesAreExecuted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "documents.json")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	env := environment{"PORTICO_DOCUMENTS": file, "PORTICO_APQ": "on"}
	if cfg := mustLoad(t, env); !cfg.APQ.On() || cfg.DocumentsMode != "log" {
		t.Errorf("APQ %v, mode %s", cfg.APQ, cfg.DocumentsMode)
	}
	env["PORTICO_DOCUMENTS_MODE"] = "require"
	if _, err := load(t, env); !strings.Contains(text(err), "PORTICO_APQ (--apq): must be off with PORTICO_DOCUMENTS_MODE=require") {
		t.Errorf("got %v", err)
	}
}

func TestRulesForThePagesSignIn(t *testing.T) {
	const id = "77777777-7777-4888-9999-aaaaaaaaaaaa"
	for _, row := range []struct {
		what string
		env  environment
		want string
	}{
		{"with scopes", entra(), ""},
		{"a name", entra().with("PORTICO_PLAYGROUND_CLIENT_ID", "playground"), "must be an application (client) id, a GUID"},
		{"without authentication", environment{}, "requires PORTICO_CALLERS=entra"},
		{"without scopes", entra().with("PORTICO_ENTRA_SCOPES", "").with("PORTICO_ENTRA_ROLES", "Threats.Read.All"), "requires PORTICO_ENTRA_SCOPES"},
		{"not an allowed client", entra().with("PORTICO_ENTRA_CLIENTS", "88888888-7777-4888-9999-aaaaaaaaaaaa"), "must be in PORTICO_ENTRA_CLIENTS too"},
		{"an allowed client", entra().with("PORTICO_ENTRA_CLIENTS", strings.ToUpper(id)), ""},
	} {
		env := row.env
		if env["PORTICO_PLAYGROUND_CLIENT_ID"] == "" {
			env = env.with("PORTICO_PLAYGROUND_CLIENT_ID", id)
		}
		_, err := load(t, env)
		if got := text(err); row.want == "" && err != nil || !strings.Contains(got, row.want) {
			t.Errorf("%s: %s", row.what, got)
		}
	}
}
