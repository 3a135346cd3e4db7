package servicetest

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// Main runs the tests of a package in the root of the repository, where testdata, the documentation and the examples
// are. It fails if goroutines are left at the end.
func Main(m *testing.M) {
	if err := enterRoot(); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// enterRoot changes to the nearest folder above that holds go.mod.
func enterRoot() error {
	for range 10 {
		if _, err := os.Stat("go.mod"); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.Chdir(".."); err != nil {
			return err
		}
	}
	return errors.New("no go.mod in any folder above")
}
