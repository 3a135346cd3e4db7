package playgroundtest_test

import (
	"testing"

	"go.uber.org/goleak"
)

// A closed browser leaves nothing running, so a package that checks for leaks may open one.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
