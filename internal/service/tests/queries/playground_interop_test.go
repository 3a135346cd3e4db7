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
	page.WaitForText("220 FTP on dd44024.kasserver.com ready")
	page.WaitForText("/security/threatIntelligence/hostPorts/")
	if errors := page.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("the console says %q", errors)
	}
	if outside := page.OutsideRequests(); len(outside) > 0 {
		t.Errorf("the page asked elsewhere: %q", outside)
	}
}
