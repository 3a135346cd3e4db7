// Enrich prints what threat intelligence knows about the hosts of an incident, one line a host:
//
//	enrich -portico http://localhost:8080/graphql 192.0.2.1 www2.example.com
//
// It knows Portico's schema, through the code that genqlient made from incident.graphql, and nothing else of Portico.
package main

//go:generate go tool genqlient

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/Khan/genqlient/graphql"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "enrich:", err)
		os.Exit(1)
	}
}

// run prints the table of the hosts that the arguments name. Where parts of the answer failed, it prints what there is
// and returns the rest as an error.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("enrich", flag.ExitOnError)
	endpoint := flags.String("portico", "http://localhost:8080/graphql", "`URL` of Portico's endpoint")
	timeout := flags.Duration("timeout", 30*time.Second, "how long to wait for all responses")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()

	ids := flags.Args()
	hosts, err := enrich(ctx, graphql.NewClient(*endpoint, http.DefaultClient), ids)
	if hosts == nil {
		return err
	}
	return errors.Join(err, writeTable(stdout, ids, hosts))
}
