// Portico is a GraphQL facade over Microsoft Graph's threat-intelligence API: GraphQL in, as few requests as possible
// out.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"portico/internal/service"
	"portico/internal/telemetry"
)

// flushLimit is how long the end of the process waits for the readers of its output.
const flushLimit = time.Second

func main() { os.Exit(run()) }

// run runs the service until a signal ends it, and returns the exit code.
func run() int {
	signal.Ignore(syscall.SIGPIPE) // a log reader that is gone does not end the service
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	stdout, stderr := telemetry.NewWriter(os.Stdout), telemetry.NewWriter(os.Stderr)
	err := service.Run(ctx, os.Args[1:], os.Environ(), stdout, stderr, service.Process{Exit: os.Exit, Hangups: hangups})
	stdout.Close(flushLimit)
	stderr.Close(flushLimit)
	if err != nil {
		return 1
	}
	return 0
}
