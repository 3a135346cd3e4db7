package code_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/errcode"

	"portico/graph/code"
	"portico/internal/golden"
)

var update = flag.Bool("update", false, "print the table of docs/operations.md anew")

func TestOperationsHasTheTableOfCodes(t *testing.T) {
	const file, begin, end = "../../docs/operations.md", "graph/code -update -->\n", "<!-- /error codes -->"
	golden.Table(t, file, begin, end, code.Table(), *update, "go test ./graph/code -update")
}

// constants returns the codes of code.go by their names, and reports those without a comment.
func constants(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, decl := range file.Decls {
		for _, spec := range decl.(*ast.GenDecl).Specs {
			value := spec.(*ast.ValueSpec)
			if value.Comment == nil {
				t.Errorf("%s has no comment", value.Names[0])
			}
			text, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all[value.Names[0].Name] = text
		}
	}
	return all
}

func TestEachCodeHasOneCompleteEntry(t *testing.T) {
	entries := map[string]bool{}
	for _, e := range code.Entries() {
		if entries[e.Code] || e.Cause == "" || e.Remedy == "" || strings.Contains(e.Cause+e.Remedy, "|") {
			t.Errorf("%+v is incomplete, has a | or is there twice", e)
		}
		if e.Status != 0 && http.StatusText(e.Status) == "" && e.Status != code.StatusClientClosed {
			t.Errorf("%s has the status %d, which is not one", e.Code, e.Status)
		}
		entries[e.Code] = true
	}
	found := constants(t)
	for name, text := range found {
		if !entries[text] {
			t.Errorf("%s has no entry", name)
		}
		if want := strings.ReplaceAll(text, "_", ""); !strings.EqualFold(name, want) && !strings.HasPrefix(text, "GRAPHQL_") {
			t.Errorf("%s names %s", name, text)
		}
	}
	if len(found) != len(entries) {
		t.Errorf("%d constants, %d entries", len(found), len(entries))
	}
}

func TestGqlgensCodesHaveItsNames(t *testing.T) {
	if code.ParseFailed != errcode.ParseFailed || code.ValidationFailed != errcode.ValidationFailed {
		t.Errorf("gqlgen has %s and %s", errcode.ParseFailed, errcode.ValidationFailed)
	}
}

func TestStatusOfAResponseWithoutData(t *testing.T) {
	for _, row := range []struct {
		name         string
		code         string
		status, json int
	}{
		{"a request that is refused", code.CSRF, 403, 403},
		{"a document with an error", code.ParseFailed, 400, 200},
		{"a limit", code.LimitDepth, 400, 400},
		{"no time left", code.DeadlineExceeded, 504, 504},
		{"a code of fields", code.BadID, 400, 400},
		{"no code", "", 500, 500},
		{"a code that is not listed", "TEAPOT", 500, 500},
	} {
		if status, json := code.Status(row.code, false), code.Status(row.code, true); status != row.status || json != row.json {
			t.Errorf("%s: got %d and %d, want %d and %d", row.name, status, json, row.status, row.json)
		}
	}
}

// shaped matches texts that have the form of a code.
var shaped = regexp.MustCompile(`^[A-Z]{2,}(_[A-Z]+)+$`)

// notCodes have that form and are something else: values of the schema's enumerations, and variables of the environment.
var notCodes = []string{"PORTICO_", "AZURE_", "OTEL_"}

// TestNoOtherPackageSpellsACode covers the literals of all files but tests, which say what callers see. The emulator is
// left out, since it speaks for Microsoft Graph; examples are clients of their own; gqlgen writes generated; servicetest is
// for tests.
func TestNoOtherPackageSpellsACode(t *testing.T) {
	known := map[string]bool{}
	for _, e := range code.Entries() {
		known[e.Code] = true
	}
	words := regexp.MustCompile(`[A-Z_]+`)
	sources(t, func(file, literal string) {
		if shaped.MatchString(literal) && makesErrors(file) && !slices.ContainsFunc(notCodes, func(p string) bool { return strings.HasPrefix(literal, p) }) {
			t.Errorf("%s: %q looks like a code and is not in graph/code", file, literal)
		}
		for _, word := range words.FindAllString(literal, -1) {
			if known[word] {
				t.Errorf("%s: %q spells %s; use the constant of graph/code", file, literal, word)
			}
		}
	})
}

// makesErrors reports whether a file is part of a package that makes errors for callers.
func makesErrors(file string) bool {
	return strings.HasPrefix(file, "graph/") || strings.HasPrefix(file, "internal/")
}

// sources calls use for each string literal of the product's files.
func sources(t *testing.T, use func(file, literal string)) {
	t.Helper()
	skipped := []string{".git", "node_modules", "testdata", "emulator", "examples", "graph/generated", "graph/code", "internal/service/servicetest"}
	root := os.DirFS("../..")
	files := 0
	err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (slices.Contains(skipped, file) || slices.Contains(skipped, d.Name())):
			return fs.SkipDir
		case d.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		files++
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if literal, err := strconv.Unquote(lit.Value); err == nil {
					use(file, literal)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || files < 50 {
		t.Fatalf("read %d files: %v", files, err)
	}
}
