//go:build interop

package playground_test

import (
	"flag"
	"path/filepath"
	"testing"

	"portico/internal/playground/playgroundtest"
)

var pictures = flag.String("pictures", "", "a folder to keep screenshots in")

// keepPicture keeps a screenshot at a usual window size, if asked to.
func keepPicture(t *testing.T, page *playgroundtest.Page, name string) {
	t.Helper()
	if *pictures != "" {
		page.Resize(1440, 900)
		page.Screenshot(filepath.Join(*pictures, name+".png"))
	}
}
