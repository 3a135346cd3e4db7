package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunAnnounces(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file := filepath.Join(t.TempDir(), "cert.pem")
	var out, errs strings.Builder
	if err := run(ctx, []string{"-address", "127.0.0.1:0", "-size", "3", "-page-size", "5", "-strict-forms", "-cert", file}, &out, &errs); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"https://127.0.0.1:", "/v1.0", "authority", "client secret", "curl --cacert " + file} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), "-----BEGIN CERTIFICATE") {
		t.Errorf("certificate: %v", err)
	}
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"-address", "0.0.0.0:0"}, {"-colour"}, {"-size", "many"}} {
		var out, errs strings.Builder
		if err := run(t.Context(), args, &out, &errs); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
