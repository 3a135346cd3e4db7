package main

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T) (*model, *words) {
	t.Helper()
	t.Chdir("../..")
	m, err := readModel(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	v, err := readVocabulary(vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	return m, v
}

func TestGeneratedFilesAreCurrent(t *testing.T) {
	m, v := load(t)
	connections, err1 := connectionsOf(m, v)
	entities, err2 := entitiesOf(m, v)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	for file, want := range map[string][]byte{
		"graph/generated/entities.graphqls":    keysOf(m),
		"graph/generated/objects.generated.go": objectsOf(m),
		"graph/model/connections.generated.go": connections,
		"graph/plan/entities.generated.go":     entities,
	} {
		if filepath.Ext(file) == ".go" {
			want, _ = format.Source(want)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not current, run make generate: -want +got:\n%s", file, diff)
		}
	}
}

// TestResolversFollowTheRules checks that the rules give the resolvers that exist, except those that do something of their
// own.
func TestResolversFollowTheRules(t *testing.T) {
	m, v := load(t)
	r := &resolvers{model: m, vocabulary: v}
	var byHand []string
	for field, got := range resolverBodies(t, "graph/schema.resolvers.go") {
		owner, name := m.find(t, field)
		if want, err := r.body(owner, m.schema.Types[owner].Fields.ForName(name)); err != nil || want != got {
			byHand = append(byHand, owner+"."+name)
		}
	}
	slices.Sort(byHand)
	want := []string{
		"FormattedContent.text", "HostPort.mostRecentSslCertificate", "HostPortComponent.component",
		"HostSslCertificate.sslCertificate",
		"SslCertificate.isExpired", "SslCertificate.isSelfSigned", "SslCertificate.validityDays",
	}
	if diff := cmp.Diff(want, byHand); diff != "" {
		t.Error("resolvers by hand: -want +got:\n" + diff)
	}
}

// resolverBodies returns the expression that each resolver returns, by its receiver and name.
func resolverBodies(t *testing.T, file string) map[[2]string]string {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := map[[2]string]string{}
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		receiver := f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
		owner, isResolver := strings.CutSuffix(receiver, "Resolver")
		if !isResolver || owner == "" {
			continue
		}
		results := f.Body.List[0].(*ast.ReturnStmt).Results
		from, to := set.Position(results[0].Pos()).Offset, set.Position(results[len(results)-1].End()).Offset
		all[[2]string{owner, f.Name.Name}] = string(text[from:to])
	}
	return all
}

// find returns the type and the field of a resolver.
func (m *model) find(t *testing.T, resolver [2]string) (owner, field string) {
	t.Helper()
	for name, def := range m.schema.Types {
		if !strings.EqualFold(name, resolver[0]) {
			continue
		}
		for _, f := range def.Fields {
			if strings.EqualFold(f.Name, resolver[1]) {
				return name, f.Name
			}
		}
	}
	t.Fatalf("no field for the resolver %v", resolver)
	return "", ""
}

// Where a response is written in one pass, a resolver gets zero values for its field's arguments. See package onepass.
func TestNoResolverUsesItsArguments(t *testing.T) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, "../schema.resolvers.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, decl := range parsed.Decls {
		f, isFunc := decl.(*ast.FuncDecl)
		if !isFunc {
			continue
		}
		for _, parameter := range f.Type.Params.List {
			for _, name := range parameter.Names {
				if name.Name == "ctx" || name.Name == "obj" {
					continue
				}
				found++
				if uses(f.Body, name.Name) {
					t.Errorf("%s uses its argument %s: take it from the operation", f.Name, name)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no resolver has arguments")
	}
}

func uses(body ast.Node, name string) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		used, isName := n.(*ast.Ident)
		found = found || isName && used.Name == name
		return true
	})
	return found
}

func TestMissingNamesAreReported(t *testing.T) {
	_, v := load(t)
	for name, tt := range map[string]struct {
		find func() (string, error)
		want string
	}{
		"a list without a request": {
			func() (string, error) { return v.of(request{"Host", "paintings"}) },
			"Host.paintings: package threatintel has no HostPaintingsOf or PaintingsOf",
		},
		"an entity without a request": {
			func() (string, error) { return v.byID("HostPainting") },
			"package threatintel has no HostPaintingByID",
		},
		"an entity without a struct": {
			func() (string, error) { return v.goType("HostPainting") },
			"package threatintel has no HostPainting",
		},
		"a reference without a property": {
			func() (string, error) { field, _, err := v.holder("HostPort", "painting"); return field, err },
			`threatintel.HostPort has no pointer with the JSON tag "painting"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := tt.find(); err == nil || err.Error() != tt.want {
				t.Errorf("got %q, %v, want the error %q", got, err, tt.want)
			}
		})
	}
}
