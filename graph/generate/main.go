// Command generate writes the code that follows from schema.graphqls and package threatintel, and runs gqlgen.
//
// Microsoft Graph has one way to offer an entity: a set, a GET by id, and lists below other entities. Once the schema
// has the type and its fields, and threatintel its struct and its requests, nothing else about it is a decision. So the
// command finds the Go names by their rule and writes:
//
//   - graph/generated/entities.graphqls: the keys of the entities for Apollo Federation, and the union of them;
//   - graph/generated/objects.generated.go: the methods of gqlgen for object types, which incremental delivery calls;
//   - graph/model/connections.generated.go: the Go types of connections and edges;
//   - graph/plan/entities.generated.go: the request for each entity and for each list below one;
//   - graph/generated/onepass.generated.go: what writes a response in one pass, see package onepass;
//   - resolvers that gqlgen would leave with a panic: see the rules in resolver.go. A resolver that is written by hand
//     stays.
//
// The rules for names: the requests of HostTracker are HostTrackerByID and, for the field Host.trackers, HostTrackersOf
// or TrackersOf. Letter case does not count, because Go writes initialisms in capitals. What it does not find is an
// error that says what it looked for.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"

	"portico/graph/generate/onepass"
)

const (
	schemaFile = "schema.graphqls"
	vocabulary = "portico/threatintel"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run generates everything in the working directory, which must be the root of the repository.
func run() error {
	m, err := readModel(schemaFile)
	if err != nil {
		return err
	}
	v, err := readVocabulary(vocabulary)
	if err != nil {
		return err
	}
	if err := write(m, v); err != nil {
		return err
	}
	log.SetOutput(io.Discard) // gqlgen reports each resolver that it finds
	cfg, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		return err
	}
	for name, goName := range v.renamed(m) {
		cfg.Models.Add(name, vocabulary+"."+goName)
	}
	r := &resolvers{model: m, vocabulary: v}
	err = api.Generate(cfg, api.AddPlugin(r), api.AddPlugin(onepass.Plugin{}))
	return errors.Join(append(r.missing, err)...)
}
