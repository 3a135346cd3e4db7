package queries_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/internal/service/servicetest"
)

// TestWire holds every question in testdata/wire to the requests that it costs, which stand beside it. Comments at the
// top of a question set it up: hints, accept, variables.
func TestWire(t *testing.T) {
	files, err := filepath.Glob("testdata/wire/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal("no queries", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".graphql")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			q := servicetest.ReadOperation(t, string(text))
			s := servicetest.Start(t, q.Settings...)
			servicetest.WantGolden(t, strings.TrimSuffix(file, ".graphql")+".wire", s.Wire(t, s.Send(t, q)))
		})
	}
}
