package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/Khan/genqlient/graphql"
)

// maxIDs is how many ids Portico takes in one list.
const maxIDs = 100

// enrich asks for the hosts, maxIDs at a time. The answer has one for each id, in the same order, and nil for an id
// that is unknown. Parts of an answer can fail while the rest is there: then hosts and error both are, and only then.
func enrich(ctx context.Context, client graphql.Client, ids []string) ([]Host, error) {
	var (
		hosts  = make([]Host, 0, len(ids))
		failed error
	)
	for some := range slices.Chunk(ids, maxIDs) {
		answer, err := IncidentEnrichment(ctx, client, some)
		if len(answer.Hosts) != len(some) { // no data at all
			return nil, fmt.Errorf("asking for hosts: %w", err)
		}
		hosts = append(hosts, answer.Hosts...)
		failed = errors.Join(failed, err)
	}
	return hosts, failed
}
