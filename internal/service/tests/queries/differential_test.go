package queries_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/service/servicetest"
	"portico/internal/service/servicetest/naive"

	"github.com/vektah/gqlparser/v2/ast"
)

// Whatever is asked, the answer is what the slow way gives.
func TestRandomQueriesMatchDirectGETs(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=40", "PORTICO_LIMIT_UPSTREAM_REQUESTS=3000", "PORTICO_LIMIT_ALIASES=500",
		"PORTICO_LIMIT_TOKENS=50000", "PORTICO_LIMIT_NODES=50000", "PORTICO_LIMIT_DEPTH=20")
	ids := s.WorldIDs(t)
	world := &worldValues{Service: s, t: t, ids: ids, known: map[string][]string{}}
	asked := 0
	for seed := range uint64(randomQueries) {
		g := &generator{dice: rand.New(rand.NewPCG(seed, 7)), ids: ids, world: world}
		q := servicetest.Operation{Query: fmt.Sprintf("# seed %d\n{ %s}", seed, g.roots()), Accept: "application/json"}
		a := s.Send(t, q)
		if len(a.Errors) > 0 {
			t.Errorf("%s\n%v", q.Query, a.Errors)
			continue
		}
		naive.Want(t, s, q, a)
		asked++
		wantPlanned(t, s, q)
		if t.Failed() || late(t) {
			break
		}
	}
	t.Logf("%d questions", asked)
}

// wantPlanned wants the log to count no lookup that was not planned, for this query and those before.
func wantPlanned(t *testing.T, s *servicetest.Service, q servicetest.Operation) {
	t.Helper()
	if strings.Contains(s.Log.String(), "unplanned_lookups") {
		t.Errorf("%s\nresolvers needed lookups that were not planned:\n%s", q.Query, s.Log)
	}
	s.Log.Forget()
}

// Whatever is deferred, the parts put together are the same, and each belongs to an object that is there.
func TestRandomDeferredQueriesMatchDirectGETs(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=40", "PORTICO_LIMIT_UPSTREAM_REQUESTS=3000", "PORTICO_LIMIT_ALIASES=500",
		"PORTICO_LIMIT_TOKENS=50000", "PORTICO_LIMIT_NODES=50000", "PORTICO_LIMIT_DEPTH=20", "PORTICO_LIMIT_DIRECTIVES=500")
	ids := s.WorldIDs(t)
	world := &worldValues{Service: s, t: t, ids: ids, known: map[string][]string{}}
	asked, parts := 0, 0
	for seed := range uint64(randomQueries) {
		g := &generator{dice: rand.New(rand.NewPCG(seed, 8)), ids: ids, world: world, defers: true}
		q := servicetest.Operation{Query: fmt.Sprintf("# seed %d\n{ %s}", seed, g.roots()), Accept: "multipart/mixed, application/json"}
		a := s.Send(t, q)
		if len(a.Errors) > 0 {
			t.Errorf("%s\n%v", q.Query, a.Errors)
			continue
		}
		naive.Want(t, s, q, a)
		parts += len(a.Parts)
		asked++
		wantPlanned(t, s, q)
		if t.Failed() || late(t) {
			break
		}
	}
	t.Logf("%d queries", asked)
	if asked > 100 && parts < asked { // not if the time was up soon
		t.Errorf("%d queries had %d parts", asked, parts)
	}
}

// late reports whether a comparison must stop before it has made all queries, so that the other tests get their time.
func late(t *testing.T) bool {
	end, ok := t.Deadline()
	return ok && time.Until(end) < 20*time.Minute
}

// generator makes valid questions about a world.
type generator struct {
	defers bool // some fragments are deferred, also inside each other
	dice   *rand.Rand
	ids    map[string][]string
	world  *worldValues
	names  int
}

func (g *generator) one(all ...string) string { return all[g.dice.IntN(len(all))] }

func (g *generator) alias() string {
	g.names++
	return fmt.Sprintf("a%d: ", g.names)
}

// roots writes one or two fields of the query.
func (g *generator) roots() string {
	var b strings.Builder
	for range 1 + g.dice.IntN(2) {
		field := servicetest.Schema.Query.Fields[g.dice.IntN(len(servicetest.Schema.Query.Fields))]
		args, ok := g.rootArgs(field)
		for !ok {
			field = servicetest.Schema.Query.Fields[g.dice.IntN(len(servicetest.Schema.Query.Fields))]
			args, ok = g.rootArgs(field)
		}
		fmt.Fprintf(&b, "%s%s%s %s", g.alias(), field.Name, args, g.selection(servicetest.Schema.Types[field.Type.Name()], 3))
	}
	return b.String()
}

// rootArgs writes the arguments of a field of the query; false for those that this test leaves alone.
func (g *generator) rootArgs(field *ast.FieldDefinition) (string, bool) {
	target := servicetest.Schema.Types[field.Type.Name()]
	byID := g.idsOf(target)
	switch {
	case strings.HasSuffix(target.Name, "Connection"):
		return g.listArgs(field), true
	case len(byID) == 0:
		return "", false
	case field.Arguments.ForName("id") != nil:
		return fmt.Sprintf("(id: %q)", g.id(byID)), true
	case field.Arguments.ForName("ids") != nil:
		return fmt.Sprintf("(ids: [%q, %q, %q])", g.id(byID), g.id(byID), g.id(byID)), true
	}
	return "", false
}

// id is one of the world's, or one that nobody has.
func (g *generator) id(known []string) string {
	id := g.one(known...)
	if g.dice.IntN(4) != 0 {
		return id
	}
	if named, key, led := strings.Cut(id, ":"); led && servicetest.Schema.Types[named] != nil {
		if named == "IpAddress" {
			return named + ":198.18.0.1"
		}
		return named + ":" + unknownLike(key)
	}
	return unknownLike(id)
}

// idsOf returns the ids of a type; those of nodes have their type in front.
func (g *generator) idsOf(target *ast.Definition) (ids []string) {
	for _, def := range servicetest.Schema.GetPossibleTypes(target) {
		for _, id := range g.ids[def.Name] {
			if target.Name == "Node" {
				id = def.Name + ":" + id
			}
			ids = append(ids, id)
		}
	}
	return ids
}

// selection writes the selection set of a type. Only entities count for the depth.
func (g *generator) selection(on *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteString("{ ")
	if on.Kind == ast.Interface || g.dice.IntN(5) == 0 {
		b.WriteString("__typename ")
	}
	fields := slices.Clone(on.Fields)
	g.dice.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	wrote := 0
	for _, field := range fields {
		if wrote < 1+g.dice.IntN(4) && g.field(&b, field, depth) {
			wrote++
			if g.dice.IntN(8) == 0 { // once more, with other arguments or another selection
				g.field(&b, field, depth)
			}
		}
	}
	if wrote == 0 {
		b.WriteString("__typename ")
	}
	if g.defers && depth > 0 && g.dice.IntN(3) == 0 {
		fmt.Fprintf(&b, "... @defer(label: %q) %s", on.Name, g.selection(on, depth-1))
	}
	for _, possible := range g.objects(on) {
		if g.dice.IntN(3) == 0 {
			fmt.Fprintf(&b, "... on %s %s", possible.Name, g.selection(possible, depth-1))
		}
	}
	b.WriteString("} ")
	return b.String()
}

// objects are the concrete types of an interface.
func (g *generator) objects(on *ast.Definition) (objects []*ast.Definition) {
	if on.Kind != ast.Interface {
		return nil
	}
	for _, possible := range servicetest.Schema.GetPossibleTypes(on) {
		if possible.Kind == ast.Object {
			objects = append(objects, possible)
		}
	}
	return objects
}

// field writes one field, if the depth is not used up.
func (g *generator) field(b *strings.Builder, field *ast.FieldDefinition, depth int) bool {
	target := servicetest.Schema.Types[field.Type.Name()]
	leads := field.Directives.ForName("request") != nil || field.Directives.ForName("navigation") != nil
	if leads {
		depth--
	}
	if depth < 0 {
		return false
	}
	args := g.args(field)
	if args != "" || ambiguous[field.Name] || g.dice.IntN(6) == 0 && !target.IsLeafType() {
		b.WriteString(g.alias())
	}
	b.WriteString(field.Name + args + " ")
	if !target.IsLeafType() {
		b.WriteString(g.selection(target, depth))
	}
	return true
}

// ambiguous has the names of fields that have one type here and another there: beside each other they need aliases.
var ambiguous = func() map[string]bool {
	types, found := map[string]string{}, map[string]bool{}
	for _, def := range servicetest.Schema.Types {
		for _, field := range def.Fields {
			if known, ok := types[field.Name]; ok && known != field.Type.String() {
				found[field.Name] = true
			}
			types[field.Name] = field.Type.String()
		}
	}
	return found
}()

// args writes the arguments of a list.
func (g *generator) args(field *ast.FieldDefinition) string {
	if field.Arguments.ForName("first") == nil {
		return ""
	}
	return g.listArgs(field)
}
