package playground_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"portico/internal/playground"
)

// What the views draw is worked out apart from the drawing, and tested in Node.js without a browser.
func TestTheModelsOfTheViews(t *testing.T) {
	if _, err := os.Stat(filepath.Join("web", "node_modules", "graphql")); err != nil {
		if playground.Built() {
			t.Fatalf("the page was built here, and its packages are gone: %v", err)
		}
		t.Skip("the page's packages are not installed; install them with: make playground")
	}
	files, err := filepath.Glob("web/test/*.test.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"--test"}, files...)...) //nolint:gosec // our own files
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("node --test: %v\n%s", err, out)
	}
}
