package auth_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"portico/graph/code"
	"portico/internal/auth"
)

func TestBadCredentialsAreRefusedAtStart(t *testing.T) {
	key, cert := certify(t, time.Hour)
	otherKey, _ := certify(t, time.Hour)
	oldKey, oldCert := certify(t, -time.Hour)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pfx, err := pkcs12.Modern.Encode(key, cert, nil, "right")
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
	encrypted := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "DES-EDE3-CBC,00"}, Bytes: []byte("x")})
	pkcs8 := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")})

	dir := t.TempDir()
	file := func(name string, data []byte) string { return write(t, filepath.Join(dir, name), data) }
	tests := []struct {
		name       string
		credential auth.Credential
		want       string
	}{
		{"a certificate that is not there", auth.Certificate(filepath.Join(dir, "none"), ""), "no such file"},
		{"a certificate that has expired", auth.Certificate(file("old", pemOf(t, oldKey, oldCert)), ""), "the certificate expired on 20"},
		{"a key of another certificate", auth.Certificate(file("other", pemOf(t, otherKey, cert)), ""), "belongs to no certificate"},
		{"a key that is not RSA", auth.Certificate(file("curve", pemOf(t, curve, cert)), ""), "not an RSA key"},
		{"a certificate without a key", auth.Certificate(file("nokey", certPEM), ""), "no private key"},
		{"a key encrypted the old way", auth.Certificate(file("rfc1423", append(encrypted, certPEM...)), ""), "RFC 1423"},
		{"an encrypted PKCS #8 key", auth.Certificate(file("pkcs8", append(pkcs8, certPEM...)), "x"), "encrypted PEM keys are not read"},
		{"a PFX file with another password", auth.Certificate(file("pfx", pfx), "wr0ng-password"), "the password does not open the PFX file"},
		{"a file that is nothing of the kind", auth.Certificate(file("text", []byte("hello")), ""), "neither PEM nor PFX"},
		{"a federated token that is not there", auth.FederatedToken(filepath.Join(dir, "none")), "no such file"},
		{"an empty federated token", auth.FederatedToken(file("empty", []byte(" \n"))), "is empty"},
		{"an empty secret", auth.ClientSecret(""), "secret can't be empty"},
		{"no credential", auth.Credential{}, "no credential"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := settings(auth.App)
			s.Credential = test.credential
			_, err := auth.New(s, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "wr0ng-password") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestIncompleteSettingsAreRefusedAtStart(t *testing.T) {
	_, err := auth.New(auth.Settings{GraphURL: graphURL, Mode: auth.App}, nil)
	for _, want := range []string{"authority", "tenant id", "client id", "scope", "credential"} {
		if err == nil || !strings.Contains(err.Error(), "settings have no "+want) {
			t.Errorf("%s is not missed: %v", want, err)
		}
	}
	s := settings(auth.OnBehalfOf)
	s.Credential = auth.ManagedIdentity("")
	if _, err := auth.New(s, nil); err == nil {
		t.Error("a managed identity acts on behalf of callers")
	}
	if _, err := auth.New(settings("root"), nil); err == nil {
		t.Error("an unknown mode is taken")
	}
}

func TestManagedIdentity(t *testing.T) {
	clearManagedIdentity(t)
	tests := []struct {
		name     string
		clientID string
		// first are the answers before the token.
		first []int
		most  time.Duration
	}{
		{"at once", "", nil, 0},
		{"user-assigned", clientID, nil, 0},
		{"a machine that has just started", "", []int{404, 410, 500}, 9 * time.Second},
		{"throttled", "", []int{429, 429}, 5 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{token: func(n int, _ url.Values) answer {
					if n <= len(test.first) {
						return refused(test.first[n-1], "not_ready", "not yet")
					}
					return granted(n)
				}}
				source := newSource(t, c, machine(test.clientID))
				start := time.Now()
				got, err := ask(t.Context(), source, c)
				if err != nil || got != fmt.Sprintf("graph-token-%d", len(test.first)+1) || time.Since(start) > test.most {
					t.Fatalf("after %v: %q, %v", time.Since(start), got, err)
				}
				form := c.form(0)
				if form.Get("client_id") != test.clientID || form.Get("resource") != "https://graph.example.com" {
					t.Errorf("requested %v", form)
				}
			})
		})
	}
}

func TestManagedIdentityThatIsNotThere(t *testing.T) {
	clearManagedIdentity(t)
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{token: func(int, url.Values) answer { return refused(404, "not_found", "no identity is assigned") }}
		source := newSource(t, c, machine(""))
		e := wantCode(t, source.Ready(t.Context()), code.UpstreamAuth)
		if want := "the managed identity endpoint gave no token: HTTP status 404, not_found"; e.Message != want {
			t.Errorf("got %q, want %q", e.Message, want)
		}
		if got := c.tokenRequests(); got < 2 || got > 5 {
			t.Errorf("%d tries, want 2 to 5", got)
		}
		c.token = nil
		time.Sleep(10 * time.Second)
		if err := source.Ready(t.Context()); err != nil {
			t.Errorf("not ready when the identity is there: %v", err)
		}
	})
}

func TestManagedIdentityIsRenewedPastTheCacheOfAllClients(t *testing.T) {
	clearManagedIdentity(t)
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{}
		c.graph = func(_ int, token, _ string) answer {
			if token == "graph-token-1" {
				return expired()
			}
			return answer{status: 200, body: token}
		}
		if got, err := ask(t.Context(), newSource(t, c, machine("")), c); err != nil || got != "graph-token-2" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func machine(clientID string) auth.Settings {
	return auth.Settings{GraphURL: graphURL, Scope: "https://graph.example.com/.default", Mode: auth.App, Credential: auth.ManagedIdentity(clientID)}
}

// clearManagedIdentity has MSAL find the plain metadata endpoint, whatever machine the
// test runs on.
func clearManagedIdentity(t *testing.T) {
	for _, name := range []string{"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT", "MSI_ENDPOINT", "MSI_SECRET", "IMDS_ENDPOINT"} {
		t.Setenv(name, "")
	}
}

func TestErrorsContainNoSecret(t *testing.T) {
	const caller = "caller-token-value"
	leaky := "AADSTS7000215: Invalid client secret provided: " + secret + ".\r\nTrace ID: trace-id-value"
	failures := map[string]func(int, url.Values) answer{
		"refused":          func(int, url.Values) answer { return refused(401, "invalid_client", leaky) },
		"refused at once":  func(int, url.Values) answer { return refused(400, secret, secret+"\n"+caller) },
		"the form as body": func(_ int, form url.Values) answer { return answer{status: 500, body: form.Encode()} },
		"no JSON":          func(_ int, form url.Values) answer { return answer{status: 200, body: "<html>" + form.Encode()} },
		"no connection": func(_ int, form url.Values) answer {
			return answer{err: fmt.Errorf("post https://login.example.com/?%s: refused", form.Encode())}
		},
		"a grant that Microsoft Graph refuses": func(n int, _ url.Values) answer { return granted(n) },
	}
	for name, token := range failures {
		for _, mode := range []auth.Mode{auth.App, auth.OnBehalfOf, auth.Passthrough} {
			t.Run(name+"/"+string(mode), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var log bytes.Buffer
					c := &cloud{token: token}
					c.graph = func(_ int, token, _ string) answer {
						return answer{status: http.StatusUnauthorized, body: `{"error":{"code":"InvalidAuthenticationToken","message":"cannot read ` + token + `"}}`}
					}
					s := logTo(settings(mode), &log)
					source := newSource(t, c, s)
					_, err := ask(as(t.Context(), caller), source, c)
					said := log.String() + fmt.Sprintf("%v %+v %#v %v %+v %#v", err, err, err, s.Credential, s, source.Identity(as(t.Context(), caller)))
					if e, ok := asError(err); ok {
						said += fmt.Sprintf("%+v %#v", *e, *e)
					} else {
						t.Errorf("error %v has no type", err)
					}
					for _, hidden := range []string{secret, caller, "graph-token", "trace-id-value", "c0ffee", "<html>"} {
						if strings.Contains(said, hidden) {
							t.Errorf("%q is said: %s", hidden, said)
						}
					}
				})
			})
		}
	}
}
