package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"portico/internal/config"
	"portico/internal/licenses"
	"portico/internal/opentelemetry"
	"portico/internal/playground"
	"portico/internal/telemetry"
)

// closeLimit is how long the end may take once the requests under way have ended or were cut off.
const closeLimit = 2 * time.Second

// Process is what Run needs of the process that it runs in.
type Process struct {
	// Exit ends the process at once.
	Exit func(code int)
	// Hangups has a value for each signal to read secrets and certificates again. Nil: there are none.
	Hangups <-chan os.Signal
}

// Run is the whole program: it ends with ctx, after the requests under way, or at once if it cannot start. An error has
// been reported on stderr; [ExitCode] returns its exit code. If the end takes longer than it may, Run calls
// process.Exit.
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer, process Process) error {
	if len(args) > 0 && args[0] == documentsCommand {
		return runDocuments(args[1:], environ, stdout, stderr)
	}
	check := len(args) > 0 && args[0] == healthcheckCommand
	if check {
		args = args[1:]
	}
	cfg, err := config.Load(args, environ, stdout)
	if errors.Is(err, config.ErrHelp) {
		return nil
	}
	if errors.Is(err, config.ErrVersion) {
		_, err := fmt.Fprintln(stdout, readBuild())
		return err
	}
	if errors.Is(err, config.ErrLicenses) {
		return licenses.Write(stdout, playground.Licenses())
	}
	if err != nil {
		return report(stderr, cfg.LogFormat, configError{fmt.Errorf("invalid configuration:\n%w", err)})
	}
	if check {
		return report(stderr, cfg.LogFormat, healthcheck(ctx, cfg))
	}
	defer exitInTime(ctx, cfg.DrainDelay+cfg.ShutdownTimeout+closeLimit, process.Exit)()
	again := reloads{process.Hangups, func() (config.Config, error) { return config.Load(args, environ, io.Discard) }}
	return report(stderr, cfg.LogFormat, runService(ctx, cfg, environ, stdout, stderr, again))
}

// exitInTime calls exit if the process lives on for the limit after ctx ended, unless stop is called first: whatever
// hangs then, a supervisor gets its process back.
func exitInTime(ctx context.Context, limit time.Duration, exit func(int)) (stop func()) {
	done := make(chan struct{})
	detach := context.AfterFunc(ctx, func() {
		select {
		case <-done:
		case <-time.After(limit):
			exit(exitFailed)
		}
	})
	return func() {
		detach()
		close(done)
	}
}

// report writes why the program ends, in the format of the log.
func report(stderr io.Writer, format string, err error) error {
	if err == nil {
		return nil
	}
	if log, bad := telemetry.New(stderr, format, slog.LevelError); bad == nil && format == "json" {
		log.Error("Portico stopped", "error", err.Error())
		return err
	}
	_, _ = fmt.Fprintln(stderr, err)
	return err
}

// runService serves until ctx ends.
func runService(
	ctx context.Context, cfg config.Config, environ []string, stdout, stderr io.Writer, again reloads,
) error {
	log, err := newLogger(cfg, stderr)
	if err != nil {
		return err
	}
	for _, warning := range cfg.Warnings {
		log.Warn(warning)
	}
	opentelemetry.LogTo(log)
	tuneMemory(environ, memlimit.FromCgroup, log)
	s, err := New(cfg, log)
	if err != nil { // it reads files, and connects to nothing: almost always a setting or a file is wrong
		return configError{err}
	}
	defer s.Close()
	listeners, err := openListeners(ctx, cfg, log)
	if err != nil {
		return err
	}
	greet(stdout, log, listeners, cfg, s)
	newSupervisor(environ, log).ready(ctx)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.reloadOnHangup(ctx, again, listeners.tls)
	return s.serve(ctx, listeners, cfg)
}
