package service

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"

	"portico/graph"
	"portico/internal/config"
	"portico/internal/documents"
)

// documentsCommand is the argument, in front of all others, that is followed by what to do with documents.
const documentsCommand = "documents"

const documentsUsage = `Usage: portico documents check [--max-items N] FILE|DIR

Validates trusted documents against the schema, and prints what each operation costs at most: HTTP requests to Microsoft
Graph, items in them, and waves. It sends nothing. The limits are those of PORTICO_LIMIT_*, but for the limits of
documents if PORTICO_DOCUMENTS_MODE is allow or require. The exit code is 1 if a document is wrong or may request more
than N items, and 78 if an argument or a setting is wrong.
`

// checkRequest is what documents check was asked for.
type checkRequest struct {
	path     string
	maxItems int // 0: any
}

// runDocuments checks documents. An error has been reported on stderr.
func runDocuments(args, environ []string, stdout, stderr io.Writer) error {
	request, err := readCheck(args)
	if errors.Is(err, flag.ErrHelp) {
		_, err = io.WriteString(stdout, documentsUsage)
		return err
	}
	if err != nil {
		return report(stderr, "text", configError{err})
	}
	return report(stderr, "text", checkDocuments(request, environ, stdout))
}

// readCheck reads the arguments. Flags may come before or after the path.
func readCheck(args []string) (request checkRequest, err error) {
	if len(args) > 0 && (args[0] == "--help" || args[0] == "-h") {
		return request, flag.ErrHelp
	}
	if len(args) == 0 || args[0] != "check" {
		return request, fmt.Errorf("documents must be followed by check\n\n%s", documentsUsage)
	}
	flags := flag.NewFlagSet("documents check", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&request.maxItems, "max-items", 0, "")
	var paths []string
	for rest := args[1:]; ; rest = flags.Args()[1:] {
		if err := flags.Parse(rest); err != nil {
			return request, err
		}
		if flags.NArg() == 0 {
			break
		}
		paths = append(paths, flags.Arg(0))
	}
	switch {
	case len(paths) != 1:
		return request, fmt.Errorf("documents check takes one file or directory (got %d)\n\n%s", len(paths), documentsUsage)
	case request.maxItems < 0:
		return request, fmt.Errorf("--max-items must be at least 1 (got %d)", request.maxItems)
	}
	request.path = paths[0]
	return request, nil
}

// checkDocuments prints the prices. The error says what is wrong.
func checkDocuments(request checkRequest, environ []string, stdout io.Writer) error {
	cfg, err := config.Load(nil, environ, io.Discard)
	if err != nil {
		return configError{fmt.Errorf("the settings are wrong:\n%w", err)}
	}
	all, err := documents.Read(request.path)
	if err != nil {
		return lasting(err)
	}
	prices, err := checker(cfg).Under(trustOf(cfg)).Check(all)
	return errors.Join(err, printPrices(stdout, prices), tooExpensive(prices, request.maxItems))
}

func printPrices(stdout io.Writer, prices []graph.DocumentPrice) error {
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "OPERATION\tREQUESTS\tITEMS\tWAVES\tID") // Flush returns the error
	for _, p := range prices {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%.16s\n", p.Operation, p.Requests, p.Items, p.Waves, p.Document.ID)
	}
	return table.Flush()
}

// tooExpensive returns an error for each operation that may request more items than it should.
func tooExpensive(prices []graph.DocumentPrice, maxItems int) error {
	var wrong []error
	for _, p := range prices {
		if maxItems > 0 && p.Items > maxItems {
			wrong = append(wrong, fmt.Errorf(
				"%s: %s may request %d items, more than %d: request shorter pages or fewer entities",
				p.Document.File, p.Operation, p.Items, maxItems))
		}
	}
	return errors.Join(wrong...)
}
