// Command emulator serves a simulation of Microsoft Graph and Entra ID on a loopback address. It reads flags and prints
// how to connect; package emulator does the rest.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"portico/emulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "emulator:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("emulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	address := flags.String("address", "127.0.0.1:9443", "loopback `address` to listen on")
	size := flags.Int("size", 200, "`hosts` in the generated world")
	latency := flags.Duration("latency", 0, "`delay` of each response of Microsoft Graph")
	documented := flags.Bool("documented-forms", false, "give all responses the form of their documentation pages")
	strict := flags.Bool("strict-forms", false, "give the published examples the form of all other responses")
	alwaysID := flags.Bool("always-id", false, "put id into every response, selected or not")
	ignore := flags.Bool("ignore-options", false, "ignore query options that a path does not take, in place of 400")
	items := flags.Bool("batch-item-refusals", false, "respond to a batch without a valid token with 401 to each item")
	slash := flags.Bool("split-slash", false, "take %2F in a path for a slash")
	unlicensed := flags.Bool("no-license", false, "respond with 500 generalException, as to a tenant without a license")
	pageSize := flags.Int("page-size", 100, "`items` on a page without $top")
	plain := flags.Bool("plain-http", false, "listen without TLS; MSAL refuses such an authority")
	certFile := flags.String("cert", "", "`file` to write the server's certificate to")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	e := emulator.New(
		emulator.WithWorld(*size), emulator.WithLatency(*latency), emulator.WithDocumentedForms(*documented),
		emulator.WithStrictForms(*strict), emulator.WithPageSize(*pageSize),
		emulator.WithAlwaysID(*alwaysID), emulator.WithIgnoredOptions(*ignore), emulator.WithBatchItemRefusals(*items),
		emulator.WithSplitSlash(*slash), emulator.WithoutLicense(*unlicensed),
		emulator.WithLogger(slog.New(slog.NewTextHandler(stderr, nil))))
	opts := []emulator.ServeOption{emulator.OnAddress(*address)}
	if *plain {
		opts = append(opts, emulator.PlainHTTP())
	}
	s, err := emulator.Start(e, opts...)
	if err != nil {
		return err
	}
	if *certFile != "" && !*plain {
		if err := os.WriteFile(*certFile, s.CertificatePEM(), 0o644); err != nil {
			return err
		}
	}
	announce(stdout, e, s, *certFile)
	<-ctx.Done()
	drain, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return s.Shutdown(drain)
}

// announce prints the URLs and credentials, and a command to try them.
func announce(w io.Writer, e *emulator.Emulator, s *emulator.Server, certFile string) {
	trust := "-k"
	if certFile != "" {
		trust = "--cacert " + certFile
	}
	fmt.Fprintf(w, "Microsoft Graph  %s/v1.0\nauthority        %s/%s\ntenant           %s\nclient id        %s\n"+
		"client secret    %s\naudience         %s\ncontrol          %s/_emulator\n", s.URL, s.URL, e.Tenant(), e.Tenant(),
		e.ClientID(), e.ClientSecret(), e.Audience(), s.URL)
	if certFile != "" {
		fmt.Fprintf(w, "certificate      %s\n", certFile)
	}
	fmt.Fprintf(w, "\ncurl %[1]s -H \"$(curl -s %[1]s %[2]s/_emulator/authorization)\" "+
		"'%[2]s/v1.0/security/threatIntelligence/hostPorts/%[3]s'\n", trust, s.URL, emulator.ExamplePortID)
}
