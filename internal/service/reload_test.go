package service

import (
	"crypto/x509"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/graph/plan"
	"portico/internal/config"
	"portico/internal/listen"
	"portico/internal/listen/listentest"
)

// A reload takes over everything or nothing: if one file cannot be used, the others stay as they are in use, too.
func TestAReloadAppliesEverythingOrNothing(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(file(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	key := func(digit string) string { return strings.Repeat(digit, 32) }
	renewTLS := func() {
		certificate, private := listentest.SelfSigned(t, x509.Certificate{})
		write("tls.crt", string(certificate))
		write("tls.key", string(private))
	}
	renewTLS()
	write("secret", "a secret")
	write("cursors", key("1"))
	environ := []string{
		"PORTICO_LISTEN=127.0.0.1:0", "PORTICO_CLOUD=emulator", "PORTICO_GRAPH_URL=https://127.0.0.1:1/v1.0", "PORTICO_CURSOR_KEY_FILE=" + file("cursors"),
		"PORTICO_TLS_CERTIFICATE=" + file("tls.crt"), "PORTICO_TLS_KEY=" + file("tls.key"),
		"AZURE_TENANT_ID=11111111-2222-4333-8444-555555555555", "AZURE_CLIENT_ID=66666666-7777-4888-9999-aaaaaaaaaaaa",
		"AZURE_FEDERATED_TOKEN_FILE=" + file("secret"),
	}
	load := func() (config.Config, error) { return config.Load(nil, environ, io.Discard) }
	cfg, err := load()
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	s, err := New(cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	certificate, err := listen.LoadCertificate(cfg.TLSCertificate, cfg.TLSKey, log)
	if err != nil {
		t.Fatal(err)
	}
	type inUse struct{ cursor, leaf string }
	now := func() inUse {
		pair, err := certificate.TLS().GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return inUse{s.cursors.Seal(plan.Cursor{Skip: 1}, "a list"), string(pair.Certificate[0])}
	}
	for _, row := range []struct {
		what  string
		spoil func()
	}{
		{"the client credential", func() { write("secret", " ") }},
		{"the TLS certificate", func() { write("tls.crt", "half a certificate") }},
		{"a setting", func() { write("cursors", "too short") }},
	} {
		before := now()
		renewTLS()
		write("secret", "another secret")
		write("cursors", key("2"))
		row.spoil()
		if err := s.reload(load, certificate); err == nil {
			t.Errorf("%s cannot be used, and the reload reported no error", row.what)
		}
		if now() != before {
			t.Errorf("%s cannot be used, and something else was taken over", row.what)
		}
	}
	before := now()
	write("cursors", key("3"))
	renewTLS()
	if err := s.reload(load, certificate); err != nil {
		t.Error(err)
	}
	if after := now(); after.cursor == before.cursor || after.leaf == before.leaf {
		t.Error("good files were not taken over")
	}
}
