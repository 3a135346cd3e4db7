package generated

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// Without an entry in the table, what is deferred of a type would be null.
func TestEveryObjectTypeCanBeExecuted(t *testing.T) {
	schema := NewExecutableSchema(Config{}).Schema()
	for name, def := range schema.Types {
		_, known := objects[name]
		if want := def.Kind == ast.Object && def != schema.Query && !strings.HasPrefix(name, "__"); known != want {
			t.Errorf("%s is in the table: %v, want %v; run make generate", name, known, want)
		}
	}
}
