// Package golden compares what the program prints with files, and with what the documentation says.
package golden

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// File compares text with a file. With update, it writes the file first. renew is the command that does so.
func File(t testing.TB, file, got string, update bool, renew string) {
	t.Helper()
	if update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-%s +got, renew with %s:\n%s", file, renew, diff)
	}
}

// Table compares a table with the one in a file of the documentation, between two marks. With update, it writes the
// table into the file instead. renew is the command that does so.
func Table(t *testing.T, file, begin, end, table string, update bool, renew string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	documented, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no table between %q and %q", file, begin, end)
	}
	if update {
		if err := os.WriteFile(file, []byte(before+begin+table+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(table, documented); diff != "" {
		t.Errorf("-program +%s, renew with %s:\n%s", file, renew, diff)
	}
}
