package shorten_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"portico/internal/shorten"
)

func TestTo(t *testing.T) {
	for _, row := range []struct {
		name, s string
		n       int
		want    string
	}{
		{"short enough", "abc", 3, "abc"},
		{"too long", "abcd", 3, "abc…"},
		{"a character at the end", "abé", 3, "ab…"},
		{"a character that fits", "abéd", 4, "abé…"},
		{"nothing fits", "é", 1, "…"},
		{"no room", "a", 0, "…"},
		{"empty", "", 0, ""},
	} {
		if got := shorten.To(row.s, row.n); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("aé𝄞", 2)
	f.Add("\xff\xfe\x80\x80", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = max(n, 0)
		got := shorten.Cut(s, n)
		if !strings.HasPrefix(s, got) || len(got) > n || utf8.ValidString(s) && (!utf8.ValidString(got) || len(got)+utf8.UTFMax <= min(n, len(s))) {
			t.Errorf("%q to %d bytes: got %q", s, n, got)
		}
	})
}
