package limits_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/limits"
)

func TestDocumentsAreKeptUpToABudgetOfText(t *testing.T) {
	t.Parallel()
	d := limits.NewDocuments(80)
	texts := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"} // ten bytes each: one more than fits
	for i, c := range texts {
		texts[i] = strings.Repeat(c, 10)
		d.Add(t.Context(), texts[i], &ast.QueryDocument{})
		d.Add(t.Context(), texts[i], &ast.QueryDocument{}) // counts once
		d.Get(t.Context(), texts[1])                       // asked for all the time
	}
	for i, text := range texts {
		if _, known := d.Get(t.Context(), text); known != (i != 0) {
			t.Errorf("%s: known %v", text, known)
		}
	}
	long := strings.Repeat("x", 11)
	d.Add(t.Context(), long, &ast.QueryDocument{})
	_, keptLong := d.Get(t.Context(), long)
	if _, kept := d.Get(t.Context(), texts[8]); keptLong || !kept {
		t.Error("one text took more than an eighth")
	}
}
