package service

import (
	"io"
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"portico/internal/config"
)

// What New has opened before something fails is closed again.
func TestNewLeavesNothingBehindWhenItFails(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	cfg, err := config.Load(nil, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	cfg.AuditLog = t.TempDir() // not a file, which shows when the emulator runs already
	if s, err := New(cfg, slog.New(slog.DiscardHandler)); err == nil {
		s.Close()
		t.Error("New succeeded without an audit log")
	}
}
