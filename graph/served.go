package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"

	"portico/graph/plan"
)

// servedSchema is the schema that introspection shows: without the directives that say what a field is upstream, and
// without the types that only these use. Documents are validated against the whole schema, which has the same types.
var servedSchema = sync.OnceValue(func() *ast.Schema {
	out := *plan.Schema
	out.SchemaDirectives = nil
	out.Directives, out.Types = maps.Clone(out.Directives), maps.Clone(out.Types)
	for name, def := range out.Directives {
		if def.Position.Src.BuiltIn || name == "oneOf" { // GraphQL's own, which gqlparser does not know
			continue
		}
		delete(out.Directives, name)
		for _, arg := range def.Arguments {
			if named := arg.Type.Name(); !out.Types[named].BuiltIn {
				delete(out.Types, named)
			}
		}
	}
	for _, def := range clientDirectives() {
		out.Directives[def.Name] = def
	}
	describeCosts(&out)
	return &out
})

// clientDirectives are the directives that not all tools of clients know, as they are served.
func clientDirectives() ast.DirectiveDefinitionList {
	doc, err := parser.ParseSchema(&ast.Source{Input: directiveTexts})
	if err != nil {
		panic(err) // a constant
	}
	return doc.Directives
}

// schemaText is the served schema as text. It declares @defer and @oneOf, which not all tools of clients know.
var schemaText = sync.OnceValue(func() []byte {
	served := composition{schema: servedSchema(), kept: map[string]bool{}, whole: true}
	for name := range served.schema.Directives {
		served.kept[name] = true
	}
	var text bytes.Buffer
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchema(served.copy())
	text.WriteString("\n" + directiveTexts + "\n")
	return text.Bytes()
})

const directiveTexts = `"""
Lets the fragment arrive later, in a part of its own, if the client accepts such responses.
"""
directive @defer(
  "Whether the fragment is deferred."
  if: Boolean = true
  "A name that the part has in the response."
  label: String
) on FRAGMENT_SPREAD | INLINE_FRAGMENT

"""
An input object of which exactly one member must be given, and not null.
"""
directive @oneOf on INPUT_OBJECT`

// SchemaHandler serves the schema as text, or refuses it where introspection is off.
func SchemaHandler(hide bool) http.Handler {
	if hide {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "The schema is not available: introspection is off here.", http.StatusForbidden)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256(schemaText())
		w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache") // a client may keep it, and asks whether it has changed
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(schemaText()))
	})
}
