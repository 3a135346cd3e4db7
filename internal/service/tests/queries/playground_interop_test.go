//go:build interop

package queries_test

import (
	"testing"

	"portico/internal/playground/playgroundtest"
	"portico/internal/service/servicetest"
)

// The page in a real browser, on the service and the emulator: the first tab runs, shows the answer, and nothing of it
// comes from elsewhere.
func TestInteropThePlaygroundRunsItsFirstTab(t *testing.T) {
	playgroundtest.RequireBuilt(t)
	s := servicetest.Start(t)
	page := playgroundtest.Open(t, s.URL+"/")
	page.Run()
	page.WaitForText(`"registrar": "Example Registrar Inc."`)
	page.WaitForCost("Cost: 7 items in 1 request, 1 wave. Estimate 7, limit 400.")
	if errors := page.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("the console says %q", errors)
	}
	if outside := page.OutsideRequests(); len(outside) > 0 {
		t.Errorf("the page sent requests elsewhere: %q", outside)
	}
}
