package documents_test

import (
	"os"
	"path/filepath"
	"testing"

	"portico/graph"
	"portico/graph/limits"
	"portico/internal/documents"
	"portico/internal/service/servicetest"
)

// What an operation costs is never more than its price, whatever it requests.
func TestNoOperationCostsMoreThanItsPrice(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/wire/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	hinting, waiting := servicetest.Start(t), servicetest.Start(t, "PORTICO_HOST_HINTS=off")
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			operation := servicetest.ReadOperation(t, string(text))
			prices, err := graph.Checker{Limits: limits.Default()}.Check([]documents.Document{{ID: "x", Text: string(text), File: file}})
			if err != nil || len(prices) != 1 {
				t.Fatal(prices, err)
			}
			s := hinting
			if len(operation.Settings) > 0 {
				s = waiting
			}
			got, price := s.Send(t, operation).Cost, prices[0]
			if got.Requests > price.Requests || got.Items > price.Items || got.Waves > price.Waves {
				t.Errorf("cost %d requests, %d items, %d waves; the price is %+v", got.Requests, got.Items, got.Waves, price.Price)
			}
		})
	}
}
