package config_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/graph/code"
	"portico/graph/limits"
	"portico/internal/config"
)

var update = flag.Bool("update", false, "print the table of limits in docs/operations.md again")

func TestOperationsHasTheTableOfLimits(t *testing.T) {
	const file, begin, end = "../../docs/operations.md", "internal/config -update -->\n", "<!-- /limits -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no table of limits", file)
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+config.LimitsTable()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(config.LimitsTable(), table); diff != "" {
		t.Errorf("-settings +%s, renew with go test ./internal/config -update:\n%s", file, diff)
	}
}

func TestALimitsFlagVariableAndCodeHaveOneName(t *testing.T) {
	flags := map[string]bool{"LIMIT_FIRST": true} // fixed
	for _, s := range config.Settings() {
		if s.Group != "Limits" {
			continue
		}
		name := strings.ToUpper(strings.ReplaceAll(strings.TrimPrefix(s.Flag, "--"), "-", "_"))
		flags[name] = true
		if s.Variables[0] != "PORTICO_"+name || s.Range == "" {
			t.Errorf("%s is also %s and allows %q", s.Flag, s.Variables[0], s.Range)
		}
	}
	for _, e := range code.Entries() {
		if strings.HasPrefix(e.Code, "LIMIT_") && !flags[e.Code] {
			t.Errorf("no flag has the name of %s", e.Code)
		}
	}
}

func TestDefaultLimitsAreThoseOfTheFlags(t *testing.T) {
	if diff := cmp.Diff(limits.Default(), mustLoad(t, nil).Limits); diff != "" {
		t.Errorf("-tags +flags:\n%s", diff)
	}
}
