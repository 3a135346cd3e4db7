package config_test

import (
	"strings"
	"testing"

	"portico/internal/config"
)

func TestRules(t *testing.T) {
	managed := environment{"PORTICO_CLOUD": "global", "PORTICO_MANAGED_IDENTITY": "system"}
	far := environment{"PORTICO_CLOUD": "emulator", "PORTICO_GRAPH_URL": "http://127.0.0.1:9000/v1.0"}
	tests := []struct {
		name string
		env  environment
		// want is part of the only problem; empty if there is none.
		want string
	}{
		{"a real cloud with tenant, client and secret is complete", real(), ""},
		{"an address of the network is refused", environment{"PORTICO_LISTEN": "192.0.2.1:8080"}, "PORTICO_LISTEN (--listen): must be a loopback address"},
		{"all addresses are refused", environment{"PORTICO_LISTEN": ":8080"}, "must be a loopback address"},
		{"the unspecified IPv6 address is refused", environment{"PORTICO_LISTEN": "[::]:8080"}, "must be a loopback address"},
		{"a name that begins like loopback is refused", environment{"PORTICO_LISTEN": "localhost.example.com:80"}, "must be a loopback address"},
		{"IPv6 loopback is taken", environment{"PORTICO_LISTEN": "[::1]:8080"}, ""},
		{"any port of localhost is taken", environment{"PORTICO_LISTEN": "localhost:0"}, ""},
		{"an address needs a port", environment{"PORTICO_LISTEN": "127.0.0.1"}, "must be HOST:PORT"},

		{"plain http to another machine is refused", real().with("PORTICO_GRAPH_URL", "http://graph.example.com/v1.0"), "plain http is allowed for loopback only"},
		{"a base URL without a version is refused", real().with("PORTICO_GRAPH_URL", "https://graph.example.com/"), "must end with the version"},
		{"a base URL with a query is refused", real().with("PORTICO_GRAPH_URL", "https://graph.example.com/v1.0?a=b"), "must be a plain URL"},
		{"a base URL with a password is refused", real().with("PORTICO_GRAPH_URL", "https://u:p@graph.example.com/v1.0"), "must be a plain URL"},
		{"another scheme is refused", real().with("PORTICO_GRAPH_URL", "ftp://graph.example.com/v1.0"), "must begin with https://"},

		{"a real cloud needs a credential", real().with("AZURE_CLIENT_SECRET", ""), "no credential is set"},
		{"two credentials are one too many", real().with("AZURE_FEDERATED_TOKEN_FILE", file(t, "x")), "keep one of AZURE_CLIENT_SECRET, AZURE_FEDERATED_TOKEN_FILE"},
		{"a secret and its file are one too many", real().with("AZURE_CLIENT_SECRET_FILE", file(t, "x")), "AZURE_CLIENT_SECRET_FILE is set as well"},
		{"a certificate must be readable", real().with("AZURE_CLIENT_SECRET", "").with("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere.pem"), "AZURE_CLIENT_CERTIFICATE_PATH (--client-certificate): open /nowhere.pem"},
		{"a password without a certificate is refused", real().with("AZURE_CLIENT_CERTIFICATE_PASSWORD", "s3cr3t-value"), "is set without a certificate"},
		{"a federated token is a credential", real().with("AZURE_CLIENT_SECRET", "").with("AZURE_FEDERATED_TOKEN_FILE", file(t, "x")), ""},
		{"a real cloud needs a tenant", real().with("AZURE_TENANT_ID", ""), "AZURE_TENANT_ID (--tenant-id)"},
		{"a tenant is no path", real().with("AZURE_TENANT_ID", "../x"), "AZURE_TENANT_ID (--tenant-id)"},
		{"common is not a tenant", real().with("AZURE_TENANT_ID", "common"), "must be one tenant's"},
		{"a tenant may be a domain", real().with("AZURE_TENANT_ID", "contoso.onmicrosoft.com"), ""},
		{"a client is a GUID", real().with("AZURE_CLIENT_ID", "my-app"), "AZURE_CLIENT_ID (--client-id)"},

		{"a managed identity needs neither tenant nor client", managed, ""},
		{"a user-assigned managed identity needs a client", managed.with("PORTICO_MANAGED_IDENTITY", "user"), "AZURE_CLIENT_ID (--client-id)"},
		{"a managed identity acts only as the application", managed.with("PORTICO_IDENTITY", "obo"), "cannot act on behalf of callers"},
		{"on behalf of callers with a secret is complete", real().with("PORTICO_IDENTITY", "obo"), ""},
		{"passthrough needs no credential", environment{"PORTICO_CLOUD": "global", "PORTICO_IDENTITY": "passthrough"}, ""},

		{"an emulator elsewhere over plain http gives no tokens", far.with("AZURE_TENANT_ID", tenant).with("AZURE_CLIENT_ID", client).with("AZURE_CLIENT_SECRET", "x"), "must be an https URL of an emulator"},
		{"an emulator elsewhere over plain http takes the caller's token", far.with("PORTICO_IDENTITY", "passthrough"), ""},
	}
	for _, test := range tests {
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

// No limit can be turned off, by no value that reads like a number.
func TestEveryLimitIsChecked(t *testing.T) {
	checked := 0
	for _, setting := range config.Settings() {
		name := setting.Variables[0]
		if !strings.HasPrefix(name, "PORTICO_LIMIT_") {
			continue
		}
		checked++
		for _, value := range []string{"-7", "0", "-1", "-0", "999999999999", "9223372036854775807", "99999999999999999999", "1e3", "0x10", " 5", "", "-1s", "0s", "9999h", "-1KiB", "0KiB", "4096MiB", "9999999MiB"} {
			_, err := load(t, environment{}, setting.Flag+"="+value)
			if err == nil || !strings.Contains(err.Error(), name+" ("+setting.Flag+"): must be") {
				t.Errorf("%s=%s: %v", setting.Flag, value, err)
			}
		}
		if _, err := load(t, environment{name: setting.Default}); err != nil {
			t.Errorf("the default of %s is refused: %v", name, err)
		}
	}
	if checked < 13 {
		t.Errorf("%d limits are checked", checked)
	}
}

func TestWarnings(t *testing.T) {
	tests := []struct {
		name string
		env  environment
		want string
	}{
		{"a cloud without the API", real().with("PORTICO_CLOUD", "china"), "exists in the global cloud only"},
		{"a credential beside passthrough", real().with("PORTICO_IDENTITY", "passthrough"), "AZURE_CLIENT_SECRET will not be used"},
		{"a credential beside the emulator", real().with("PORTICO_CLOUD", "emulator"), "AZURE_CLIENT_SECRET will not be used"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := mustLoad(t, test.env).Warnings
			if len(got) != 1 || !strings.Contains(got[0], test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
