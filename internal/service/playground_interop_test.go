//go:build interop

package service

import (
	"testing"

	"portico/internal/playground/playgroundtest"
)

// The page in a real browser, on the service and the emulator: the first tab runs, shows the answer, and nothing of it
// comes from elsewhere.
func TestInteropThePlaygroundRunsItsFirstTab(t *testing.T) {
	playgroundtest.RequireBuilt(t)
	s := start(t)
	page := playgroundtest.Open(t, s.url+"/")
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
