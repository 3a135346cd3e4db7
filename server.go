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

// untilSignal returns a context that ends with the first of some signals. By then they are no longer caught, so that a
// second one ends the process at once: signal.NotifyContext alone would still swallow one that follows closely.
func untilSignal(signals ...os.Signal) context.Context {
	ctx, end := context.WithCancel(context.Background())
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, signals...)
	go func() {
		<-caught
		signal.Stop(caught)
		end()
	}()
	return ctx
}

// run runs the service until a signal ends it, and returns the exit code.
func run() int {
	signal.Ignore(syscall.SIGPIPE) // a log reader that is gone does not end the service
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	ctx := untilSignal(os.Interrupt, syscall.SIGTERM)
	stdout, stderr := telemetry.NewWriter(os.Stdout), telemetry.NewWriter(os.Stderr)
	err := service.Run(ctx, os.Args[1:], os.Environ(), stdout, stderr, service.Process{Exit: os.Exit, Hangups: hangups})
	stdout.Close(flushLimit)
	stderr.Close(flushLimit)
	return service.ExitCode(err)
}
