//go:build unix

package lifecycle_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What starts the process again can see whether that makes sense.
func TestTheExitCodeTellsWhetherARestartCanHelp(t *testing.T) {
	t.Parallel()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // one that starts after all
	defer cancel()
	folder := t.TempDir()
	plain, document := filepath.Join(folder, "plain"), filepath.Join(folder, "q.graphql")
	write(t, plain, "neither a certificate nor a socket")
	write(t, document, "query Q { hostPort(id: \"x\") { coffee } }")
	const tenant = "PORTICO_CLOUD=global AZURE_TENANT_ID=11111111-2222-4333-8444-555555555555 AZURE_CLIENT_ID=66666666-7777-4888-8999-000000000000 "
	for name, tt := range map[string]struct {
		args, settings string
		code           int
		says           string
	}{
		"--help":                           {"--help", "", 0, "78"},
		"--version":                        {"--version", "PORTICO_COFFEE=1", 0, "portico"},
		"an unknown flag":                  {"--coffee", "", 78, "--coffee"},
		"an unknown setting":               {"", "PORTICO_COFFEE=1", 78, "PORTICO_COFFEE"},
		"a value out of range":             {"", "PORTICO_LIMIT_DEPTH=0", 78, "PORTICO_LIMIT_DEPTH"},
		"a tenant without a credential":    {"", tenant, 78, "AZURE_CLIENT_SECRET"},
		"a secret that is not there":       {"", tenant + "AZURE_CLIENT_SECRET_FILE=/nonexistent/secret", 78, "AZURE_CLIENT_SECRET_FILE"},
		"a client certificate that is not": {"", tenant + "AZURE_CLIENT_CERTIFICATE_PATH=" + plain, 78, "reading the client certificate"},
		"a TLS certificate that is not":    {"", "PORTICO_TLS_CERTIFICATE=" + plain + " PORTICO_TLS_KEY=" + plain, 78, "PORTICO_TLS_CERTIFICATE"},
		"documents that are not there":     {"", "PORTICO_DOCUMENTS=/nonexistent/documents PORTICO_DOCUMENTS_MODE=require", 78, "/nonexistent/documents"},
		"a document that is wrong":         {"", "PORTICO_DOCUMENTS=" + document + " PORTICO_DOCUMENTS_MODE=require", 78, "coffee"},
		"an audit log in no folder":        {"", "PORTICO_AUDIT_LOG=/nonexistent/audit", 78, "PORTICO_AUDIT_LOG"},
		"a socket in no folder":            {"", "PORTICO_LISTEN=unix:/nonexistent/socket", 78, "PORTICO_LISTEN"},
		"a socket where a file is":         {"", "PORTICO_ADMIN_LISTEN=unix:" + plain, 78, "PORTICO_ADMIN_LISTEN"},
		"an address in use":                {"", "PORTICO_LISTEN=" + taken.Addr().String(), 1, "in use"},
		"an address of another machine":    {"", "PORTICO_METRICS_LISTEN=192.0.2.1:9464", 1, "PORTICO_METRICS_LISTEN"},
		"an address in use, and no folder": {"", "PORTICO_LISTEN=" + taken.Addr().String() + " PORTICO_ADMIN_LISTEN=unix:/nonexistent/socket", 78, "in use"},
		"healthcheck of nothing":           {"healthcheck", "PORTICO_LISTEN=" + taken.Addr().String() + " PORTICO_TLS_CERTIFICATE=/x", 78, "PORTICO_TLS_KEY"},
		"check of a wrong document":        {"documents check " + document, "", 1, "coffee"},
		"check of nothing":                 {"documents check", "", 78, "takes one file"},
		"check of a file that is missing":  {"documents check /nonexistent.graphql", "", 78, "nonexistent"},
		"check with wrong settings":        {"documents check " + document, "PORTICO_COFFEE=1", 78, "PORTICO_COFFEE"},
	} {
		command := exec.CommandContext(ctx, file, strings.Fields(tt.args)...)
		command.Env = append([]string{"PORTICO_LISTEN=127.0.0.1:0", "PORTICO_EMULATOR_SIZE=0"}, strings.Fields(tt.settings)...)
		out, _ := command.CombinedOutput() // its exit code is what matters
		if got := command.ProcessState.ExitCode(); got != tt.code || !strings.Contains(string(out), tt.says) {
			t.Errorf("%s: exit code %d, want %d and %q in:\n%s", name, got, tt.code, tt.says, out)
		}
	}
	if os.Getuid() != 0 { // root may do everything
		secret := filepath.Join(folder, "secret")
		write(t, secret, "s")
		if err := os.Chmod(secret, 0); err != nil {
			t.Fatal(err)
		}
		command := exec.CommandContext(ctx, file)
		command.Env = append(strings.Fields(tenant), "AZURE_CLIENT_SECRET_FILE="+secret)
		if out, _ := command.CombinedOutput(); command.ProcessState.ExitCode() != 78 {
			t.Errorf("a secret that it may not read: exit code %d\n%s", command.ProcessState.ExitCode(), out)
		}
	}
}
