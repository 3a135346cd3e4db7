package documentation_test

import (
	"os"
	"strings"
	"testing"

	"portico/internal/config"
)

// docs/operations.md has a row for each kind of data, with the defaults of its settings.
func TestTheDocumentedLifetimesAreTheDefaults(t *testing.T) {
	text, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{} // by the end of the settings
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) == 6 {
			rows[strings.Trim(cells[2], " `")] = []string{strings.TrimSpace(cells[3]), strings.TrimSpace(cells[4])}
		}
	}
	settings := 0
	for _, s := range config.Settings() {
		for column, prefix := range []string{"PORTICO_CACHE_FRESH_", "PORTICO_CACHE_STALE_"} {
			kind, found := strings.CutPrefix(s.Variables[0], prefix)
			if !found {
				continue
			}
			settings++
			if row := rows[kind]; row == nil || row[column] != s.Default {
				t.Errorf("%s is %s by default, and the table has %v", s.Variables[0], s.Default, row)
			}
		}
	}
	if settings != 21 {
		t.Errorf("%d settings, want 21", settings)
	}
}
