// Release builds all that is released of Portico into a folder: see make release.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"portico/packaging/binary"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run reads the flags and makes the release.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	out := flags.String("out", "../dist", "folder to write to; its previous content is deleted")
	source := flags.String("source", "..", "Git clone whose last commit is released")
	names := flags.String("targets", "", "systems to build for, such as linux/amd64,darwin/arm64 (default: all)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	targets := binary.Targets
	if *names != "" {
		targets = nil
		for name := range strings.SplitSeq(*names, ",") {
			target, err := binary.ParseTarget(name)
			if err != nil {
				return err
			}
			targets = append(targets, target)
		}
	}
	from, err := filepath.Abs(*source)
	if err != nil {
		return err
	}
	to, err := filepath.Abs(*out)
	if err != nil {
		return err
	}
	return release(ctx, from, to, targets)
}
