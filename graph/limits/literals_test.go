package limits_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"portico/graph/limits"
)

func TestLiteralsThatGraphQLDoesNotAllow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, text   string
		line, column int // of the error; 0 if there is none
	}{
		{"the first half of a pair", `{a(b:"\uD83D")}`, 1, 6},
		{"on another line, behind letters of many bytes", "{\n é: a(b:\"é\\uDE00\")}", 2, 9},
		{"a first half before another character", `{a(b:"\uD83Dx")}`, 1, 6},
		{"a first half before another escape", `{a(b:"\uD83D\n")}`, 1, 6},
		{"a pair", `{a(b:"\uD83D\uDE00")}`, 0, 0},
		{"a pair in small letters", `{a(b:"\ud83d\ude00")}`, 0, 0},
		{"a backslash before the letter u", `{a(b:"\\uD83D")}`, 0, 0},
		{"a quote that is escaped", `{a(b:"\"\uD83D")}`, 1, 6},
		{"in a comment", "{a # \"\\uD83D\"\n}", 0, 0},
		{"in a block string", `{a(b:"""\uD83D""")}`, 0, 0},
		{"after a block string", `{a(b:"""x\""" " """,c:"\uD83D")}`, 1, 23},
		{"after a block string that ends in many quotes", `{a(b:"""x""""",c:"\uD83D")}`, 1, 18},
		{"after a comment with one quote", "{a # \"\n(b:\"\\uD83D\")}", 2, 4},
		{"a number before a name", `{a(b:1c:2)}`, 1, 7},
		{"a number before an underscore", `{a(b:1_000)}`, 1, 7},
		{"a hexadecimal number", `{a(b:0xF)}`, 1, 7},
		{"a number with two points", `{a(b:1.2.3)}`, 1, 9},
		{"an exponent before a name", `{a(b:1e5f)}`, 1, 9},
		{"a name with digits", `{a1(b2:-1.5e+3,c:[1,2 3])}`, 0, 0},
		{"bytes that are not UTF-8", "{a(b:\"\xff\")}", 1, 1},
	} {
		t.Run(c.what, func(t *testing.T) {
			_, err := limits.Limits{}.Parse(c.text)
			switch {
			case c.line == 0 && err != nil:
				t.Error(err)
			case c.line > 0 && (err == nil || len(err.Locations) == 0 || err.Locations[0].Line != c.line || err.Locations[0].Column != c.column):
				t.Errorf("%+v, want %d:%d", err, c.line, c.column)
			}
		})
	}
}

// FuzzParse holds that a document never ends the process, and that one that is taken has no text that is not Unicode. What
// gqlparser refuses stays refused.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{a(b:"\uD83D\uDE00")}`, `{a(b:"""x\""" """)}`, "{a # \"\n}", `{a(b:1.5e-3)}`, `{a(b:"\u{1F600}")}`, `{a(b:"\uD83D`, `"`, `"""`, `{a(b:1`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := limits.Limits{}.Parse(text)
		if _, theirs := parser.ParseQuery(&ast.Source{Input: text}); theirs != nil && err == nil {
			t.Errorf("taken, though gqlparser says %v", theirs)
		}
		if err == nil && (doc == nil || !utf8.ValidString(text)) {
			t.Errorf("taken: %q", text)
		}
		if err != nil && strings.TrimSpace(err.Message) == "" {
			t.Error("refused without a reason")
		}
	})
}
