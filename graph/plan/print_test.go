package plan

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the .plan files anew")

// Each document in testdata/plan has its plan beside it. A first line "# variables: {…}" gives it variables.
func TestPlansAreAsWritten(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/plan/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal("no documents", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".graphql"), func(t *testing.T) {
			t.Parallel()
			wantPlan(t, strings.TrimSuffix(file, ".graphql")+".plan", printed(t, file))
		})
	}
}

func printed(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var variables map[string]any
	first, _, _ := strings.Cut(string(text), "\n")
	if given, ok := strings.CutPrefix(first, "# variables: "); ok {
		if err := json.Unmarshal([]byte(given), &variables); err != nil {
			t.Fatal(err)
		}
	}
	r, valid := readDocument(string(text), variables)
	if !valid {
		t.Fatal("the document is not valid")
	}
	p := Planner{HostHints: true, Missed: func() {}, Sealer: NewSealer("")}
	return p.Print(r)
}

func wantPlan(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got, renew with go test ./graph/plan -update:\n%s", diff)
	}
}

// The page that explains planning shows a plan as it is.
func TestThePageOnPlanningShowsThePlan(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/planning.md")
	if err != nil {
		t.Fatal(err)
	}
	if plan := printed(t, "../../testdata/plan/port_and_host.graphql"); !strings.Contains(string(page), plan) {
		t.Errorf("docs/planning.md does not show\n%s", plan)
	}
}
