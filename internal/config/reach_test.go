package config_test

import (
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/internal/config"
	"portico/internal/listen/listentest"
)

// keyPair is a certificate and its key, in one PEM text.
var keyPair struct {
	sync.Once
	text string
}

// pair is a file that holds the certificate and its key.
func pair(t *testing.T) string {
	t.Helper()
	keyPair.Do(func() {
		certificate, key := listentest.SelfSigned(t, x509.Certificate{})
		keyPair.text = string(certificate) + string(key)
	})
	return file(t, keyPair.text)
}

func TestRulesForListening(t *testing.T) {
	for _, test := range []struct {
		name string
		env  environment
		want string // part of the only problem; empty if there is none
	}{
		{"a port that is too high", environment{"PORTICO_LISTEN": "127.0.0.1:99999"}, "PORTICO_LISTEN (--listen): must have a port between 0 and 65535 (got 99999)"},
		{"a port by name", environment{"PORTICO_LISTEN": "127.0.0.1:http"}, "must have a port between 0 and 65535 (got http)"},
		{"a negative port", environment{"PORTICO_LISTEN": "127.0.0.1:-1"}, "must have a port between 0 and 65535 (got -1)"},
		{"a Unix socket", environment{"PORTICO_LISTEN": "unix:/run/portico.sock"}, ""},
		{"a Unix socket by a relative path", environment{"PORTICO_LISTEN": "unix:portico.sock"}, "must have an absolute path"},
		{"a Unix socket by a long path", environment{"PORTICO_LISTEN": "unix:/" + strings.Repeat("x", 200)}, "103 characters"},

		{"origins", environment{"PORTICO_ALLOWED_ORIGINS": "https://app.example.com, http://localhost:5173"}, ""},
		{"all origins", environment{"PORTICO_ALLOWED_ORIGINS": "*"}, "PORTICO_ALLOWED_ORIGINS (--allowed-origins): must be a scheme and a host"},
		{"an origin with a wildcard", environment{"PORTICO_ALLOWED_ORIGINS": "https://*.example.com"}, `(got "https://*.example.com")`},
		{"an origin without TLS", environment{"PORTICO_ALLOWED_ORIGINS": "http://app.example.com"}, "plain http is allowed for loopback only"},

		{"TLS", environment{"PORTICO_TLS_CERTIFICATE": pair(t), "PORTICO_TLS_KEY": pair(t)}, ""},
		{"a certificate without a key", environment{"PORTICO_TLS_CERTIFICATE": pair(t)}, "PORTICO_TLS_KEY (--tls-key): must name the private key's file"},
		{"a key without a certificate", environment{"PORTICO_TLS_KEY": pair(t)}, "PORTICO_TLS_CERTIFICATE (--tls-certificate): must name the certificate's file"},
		{"a key that is not there", environment{"PORTICO_TLS_CERTIFICATE": pair(t), "PORTICO_TLS_KEY": "/nowhere.key"}, "PORTICO_TLS_KEY (--tls-key): open /nowhere.key"},
		{"a file that is no certificate", environment{"PORTICO_TLS_CERTIFICATE": file(t, "x"), "PORTICO_TLS_KEY": pair(t)}, "cannot be used together"},

		{"a public URL", environment{"PORTICO_PUBLIC_URL": "https://portico.example.com/"}, ""},
		{"a public URL with a path", environment{"PORTICO_PUBLIC_URL": "https://portico.example.com/api"}, "PORTICO_PUBLIC_URL (--public-url): must be a scheme and a host"},
		{"a public URL without a scheme", environment{"PORTICO_PUBLIC_URL": "portico.example.com"}, "must be a scheme and a host"},
		{"allowed hosts", environment{"PORTICO_ALLOWED_HOSTS": "portico, portico.example:8443, 10.0.0.7, [::1]:80"}, ""},
		{"any host", environment{"PORTICO_ALLOWED_HOSTS": "*"}, "there is no wildcard"},
		{"trusted proxies", environment{"PORTICO_TRUSTED_PROXIES": "10.0.0.0/8, ::1, unix"}, ""},
		{"a proxy by name", environment{"PORTICO_TRUSTED_PROXIES": "ingress"}, `"ingress" is neither an address nor a range`},
		{"health on any address", environment{"PORTICO_ADMIN_LISTEN": ":9090"}, ""},
		{"health on the same address", environment{"PORTICO_ADMIN_LISTEN": "127.0.0.1:8080"}, "must differ from PORTICO_LISTEN"},
		{"health on a Unix socket", environment{"PORTICO_ADMIN_LISTEN": "unix:/run/portico/admin.sock"}, ""},
		{"health on a Unix socket by a relative path", environment{"PORTICO_ADMIN_LISTEN": "unix:admin.sock"}, "PORTICO_ADMIN_LISTEN (--admin-listen): must have an absolute path after unix:"},
		{"profiles on loopback", environment{"PORTICO_ADMIN_LISTEN": "127.0.0.1:9090", "PORTICO_PROFILING": "on"}, ""},
		{"profiles on a Unix socket", environment{"PORTICO_ADMIN_LISTEN": "unix:/run/portico/admin.sock", "PORTICO_PROFILING": "on"}, ""},
		{"profiles without an address", environment{"PORTICO_PROFILING": "on"}, "PORTICO_PROFILING (--profiling): requires PORTICO_ADMIN_LISTEN on a loopback address or a Unix socket"},
		{"profiles for all", environment{"PORTICO_ADMIN_LISTEN": ":9090", "PORTICO_PROFILING": "on"}, "PORTICO_PROFILING (--profiling): requires PORTICO_ADMIN_LISTEN on a loopback address or a Unix socket"},
		{"health on no address", environment{"PORTICO_ADMIN_LISTEN": "9090"}, "PORTICO_ADMIN_LISTEN (--admin-listen): must be HOST:PORT"},

		{"a file for the cursor key that is not there", environment{"PORTICO_CURSOR_KEY_FILE": "/nowhere"}, "PORTICO_CURSOR_KEY_FILE (--cursor-key-file): must name a readable file"},
		{"a cursor key that is too short", environment{"PORTICO_CURSOR_KEY": "short"}, "PORTICO_CURSOR_KEY (--cursor-key-file): must have 32"},
		{"a file with a cursor key that is too short", environment{"PORTICO_CURSOR_KEY_FILE": file(t, "short")}, "PORTICO_CURSOR_KEY_FILE (--cursor-key-file): must have 32"},
		{"an old cursor key beside a new one", environment{"PORTICO_CURSOR_KEY": strings.Repeat("n", 32), "PORTICO_CURSOR_KEY_OLD_FILE": file(t, strings.Repeat("o", 32))}, ""},
		{"an old cursor key alone", environment{"PORTICO_CURSOR_KEY_OLD": strings.Repeat("o", 32)}, "PORTICO_CURSOR_KEY (--cursor-key-file): must be set, because PORTICO_CURSOR_KEY_OLD is set"},
		{"an old cursor key that is too short", environment{"PORTICO_CURSOR_KEY": strings.Repeat("n", 32), "PORTICO_CURSOR_KEY_OLD": "short"}, "PORTICO_CURSOR_KEY_OLD (--cursor-key-old-file): must have 32"},
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

func TestTheDrainDelayDependsOnTheAddress(t *testing.T) {
	for _, row := range []struct {
		name string
		env  environment
		want time.Duration
	}{
		{"loopback", environment{}, 0},
		{"loopback of IPv6", environment{"PORTICO_LISTEN": "[::1]:8080"}, 0},
		{"loopback, and set", environment{"PORTICO_DRAIN_DELAY": "5s"}, 5 * time.Second},
		{"a Unix socket", environment{"PORTICO_LISTEN": "unix:/run/portico.sock"}, 0},
		{"every address", environment{"PORTICO_LISTEN": ":8080", "PORTICO_CLOUD": "emulator"}, 5 * time.Second},
		{"every address, and set", environment{"PORTICO_LISTEN": ":8080", "PORTICO_CLOUD": "emulator", "PORTICO_DRAIN_DELAY": "0s"}, 0},
	} {
		if got := mustLoad(t, row.env).DrainDelay; got != row.want {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
}

func TestOpenAddressesAreWarnedOf(t *testing.T) {
	c := mustLoad(t, entra().with("PORTICO_LISTEN", "0.0.0.0:8080"))
	if len(c.Warnings) != 2 || !strings.Contains(c.Warnings[0], "unencrypted") || !strings.Contains(c.Warnings[1], "PORTICO_PUBLIC_URL") {
		t.Errorf("warnings: %q", c.Warnings)
	}
	c = mustLoad(t, entra().with("PORTICO_LISTEN", "0.0.0.0:8080").with("PORTICO_PUBLIC_URL", "https://portico.example").with("PORTICO_TRUSTED_PROXIES", "10.0.0.0/8"))
	if len(c.Warnings) != 0 {
		t.Errorf("warnings: %q", c.Warnings)
	}
}

func TestMisspeltNamesAreErrorsWithTheNearestName(t *testing.T) {
	for _, test := range []struct {
		name string
		env  environment
		args []string
		want string // the only problem; empty if there is none
	}{
		{"a variable with a letter missing", environment{"PORTICO_LISTN": "127.0.0.1:1"}, nil, "PORTICO_LISTN: did you mean PORTICO_LISTEN? There is no such setting; see --help."},
		{"two letters exchanged", environment{"PORTICO_LIMIT_DEPHT": "3"}, nil, "PORTICO_LIMIT_DEPHT: did you mean PORTICO_LIMIT_DEPTH? There is no such setting; see --help."},
		{"the file of a secret", environment{"PORTICO_CURSOR_KEYFILE": "x"}, nil, "PORTICO_CURSOR_KEYFILE: did you mean PORTICO_CURSOR_KEY_FILE? There is no such setting; see --help."},
		{"a variable that resembles nothing", environment{"PORTICO_COFFEE_AND_CAKE": "x"}, nil, "PORTICO_COFFEE_AND_CAKE: There is no such setting; see --help."},
		{"an empty variable is unset", environment{"PORTICO_LISTN": ""}, nil, ""},
		{"a variable of somebody else", environment{"PORTICOS": "x", "AZURE_CLIENT_ID_OLD": "x"}, nil, ""},
		{"the variables of a Kubernetes service", environment{
			"PORTICO_SERVICE_HOST": "10.0.0.1", "PORTICO_SERVICE_PORT": "80", "PORTICO_SERVICE_PORT_HTTP": "80", "PORTICO_PORT": "tcp://10.0.0.1:80",
			"PORTICO_PORT_80_TCP": "tcp://10.0.0.1:80", "PORTICO_PORT_80_TCP_PROTO": "tcp", "PORTICO_PORT_80_TCP_PORT": "80", "PORTICO_PORT_80_TCP_ADDR": "10.0.0.1",
			"PORTICO_EMULATOR_SERVICE_HOST": "10.0.0.2", "PORTICO_EMULATOR_PORT": "tcp://10.0.0.2:80",
		}, nil, ""},
		{"a port that no Kubernetes service explains", environment{"PORTICO_PORT": "8080"}, nil, "PORTICO_PORT: There is no such setting; see --help."},
		{"a flag with a letter missing", nil, []string{"--listn", "127.0.0.1:1"}, "--listn: did you mean --listen? There is no such flag; see --help."},
		{"a flag with a letter missing and its value", nil, []string{"--lisen=127.0.0.1:1"}, "--lisen: did you mean --listen? There is no such flag; see --help."},
		{"one dash", nil, []string{"-listen", "127.0.0.1:1"}, "-listen: did you mean --listen? Flags begin with two dashes; see --help."},
		{"one dash and a value", nil, []string{"-listen=127.0.0.1:1"}, "-listen: did you mean --listen? Flags begin with two dashes; see --help."},
		{"a flag that resembles nothing", nil, []string{"--coffee-and-cake"}, "--coffee-and-cake: There is no such flag; see --help."},
		{"a secret's value as a flag", nil, []string{"--client-secret=s3cr3t-value"}, "--client-secret: There is no such flag; see --help."},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(t, test.env, test.args...)
			if got := text(err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestVersionNeedsNoValidSettings(t *testing.T) {
	if _, err := load(t, environment{"PORTICO_LISTEN": "nowhere"}, "--version"); !errors.Is(err, config.ErrVersion) {
		t.Errorf("got %v", err)
	}
}

func TestAnAuditLogNeedsAFile(t *testing.T) {
	directory := t.TempDir()
	if _, err := load(t, environment{"PORTICO_AUDIT_LOG": directory}); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("a directory: %v", err)
	}
	if _, err := load(t, environment{"PORTICO_AUDIT_LOG": filepath.Join(directory, "audit.log")}); err != nil {
		t.Errorf("a file to be made: %v", err)
	}
	if _, err := os.Stat(filepath.Join(directory, "audit.log")); err == nil {
		t.Error("reading the settings made the file")
	}
}
