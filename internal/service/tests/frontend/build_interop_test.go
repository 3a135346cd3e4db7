//go:build interop

package frontend_test

import (
	"testing"

	"portico/internal/interop"
)

// What the page decides without a browser: what a text contains, where a link leads, what a table shows.
func TestInteropTheModelsOfThePageAreRight(t *testing.T) {
	interop.Open(t, example).Run(t, nil, "npm", "test", "--silent")
}
