package config_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/graph/code"
	"portico/graph/limits"
	"portico/internal/config"
	"portico/internal/golden"
)

var update = flag.Bool("update", false, "print the table of limits in docs/operations.md again")

func TestOperationsHasTheTableOfLimits(t *testing.T) {
	const file, begin, end = "../../docs/operations.md", "internal/config -update -->\n", "<!-- /limits -->"
	golden.Table(t, file, begin, end, config.LimitsTable(), *update, "go test ./internal/config -update")
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
