package service

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
)

// rootLists are the lists of the query, with what they need and what they are upstream.
var rootLists = map[string]struct{ args, path string }{
	"articles":             {"", "articles?$top=100"},
	"intelligenceProfiles": {"", "intelProfiles?$top=100"},
	"sslCertificates":      {`, search: {field: SERIAL_NUMBER, value: "146473198"}`, "sslCertificates?$search=%22serialNumber:146473198%22"},
	"whoisRecords":         {`, search: {field: ADMIN_EMAIL, value: "admin@example.com"}`, "whoisRecords?$search=%22admin/email:admin@example.com%22"},
}

// walk is one list that can be asked for: where it stands in a question, and where upstream.
type walk struct {
	name, path string
	before     string // of the question, up to the list's name
	after      string
	args       string
}

// walks returns a walk for each connection field of the schema, on the owner of its type that has the longest list.
func (s *running) walks(t testing.TB) (walks []walk) {
	t.Helper()
	ids := s.worldIDs(t)
	for named, def := range schema.Types {
		for _, field := range def.Fields {
			if def.Kind != ast.Object || !strings.HasSuffix(field.Type.Name(), "Connection") {
				continue
			}
			w := walk{name: named + "." + field.Name, before: "list: " + field.Name}
			if def == schema.Query {
				w.path, w.args = rootLists[field.Name].path, rootLists[field.Name].args
			} else {
				owner := s.longest(setOf[named], field.Name, ids[named])
				s.fill(t, setOf[named]+"/"+owner+"/"+field.Name, ids[nodeOf(field)])
				w.path = below(setOf[named], owner, field.Name)
				w.before = fmt.Sprintf("owner: %s(id: %q) { %s", rootOf(named), owner, w.before)
				w.after = "}"
			}
			walks = append(walks, w)
		}
	}
	return walks
}

// nodeOf is an object type of what a connection holds.
func nodeOf(field *ast.FieldDefinition) string {
	node := schema.Types[field.Type.Name()].Fields.ForName("nodes").Type.Name()
	if node == "Host" {
		return "IpAddress"
	}
	return node
}

// fill makes a list in which the world has little longer.
func (s *running) fill(t testing.TB, path string, ids []string) {
	t.Helper()
	if e := s.upstream.emulator; len(e.List(path)) < 7 {
		if err := e.PutList(path, ids[:7]...); err != nil {
			t.Fatal(err)
		}
	}
}

// longest returns the owner that has the longest list.
func (s *running) longest(set, list string, owners []string) (longest string) {
	most := -1
	for _, owner := range owners {
		if n := len(s.upstream.emulator.List(set + "/" + owner + "/" + list)); n > most {
			longest, most = owner, n
		}
	}
	return longest
}

// rootOf is the field of the query that gives one entity of an object type by its id.
func rootOf(named string) string {
	if named == "IpAddress" || named == "Hostname" {
		return "host"
	}
	return strings.ToLower(named[:1]) + named[1:]
}

// page is a page of any list.
type page struct {
	Nodes []struct{ ID string }
	Edges []struct {
		Cursor string
		Node   struct{ ID string }
	}
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
	TotalCount *int
}

func (s *running) page(t testing.TB, w walk, first int, after *string) (page, answered) {
	t.Helper()
	q := asking{accept: "application/json", variables: map[string]any{"first": first, "after": after}}
	q.text = "query ($first: Int, $after: String) { " + w.before + "(first: $first, after: $after" + w.args + `) {
		nodes { id } edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
	} ` + w.after + "}"
	a := s.ask(t, q)
	data := in[struct {
		List  *page
		Owner struct{ List *page }
	}](t, a)
	switch {
	case data.List != nil:
		return *data.List, a
	case data.Owner.List != nil:
		return *data.Owner.List, a
	}
	return page{}, a
}

func (p page) ids() []string {
	ids := []string{}
	for _, node := range p.Nodes {
		ids = append(ids, node.ID)
	}
	return ids
}

// Every list, walked to its end in pages of one size and of changing sizes, holds what the list upstream holds.
func TestEveryListIsWalkedToItsEnd(t *testing.T) {
	t.Parallel()
	s := start(t, "PORTICO_EMULATOR_SIZE=40")
	walked := s.walks(t)
	for _, w := range walked {
		t.Run(w.name, func(t *testing.T) {
			want := idsOf(s.directList(t, w.path))
			if len(want) < 7 {
				t.Errorf("the list has %d", len(want))
			}
			for _, sizes := range [][]int{{2}, {1, 3, 2}, {100}} {
				if diff := cmp.Diff(want, s.walkAll(t, w, sizes, len(want))); diff != "" {
					t.Errorf("in pages of %d, -direct +walked:\n%s", sizes, diff)
				}
			}
			s.wantRests(t, w, want)
		})
	}
	if len(walked) < 32 {
		t.Errorf("%d lists were walked", len(walked))
	}
}

// walkAll walks a list by endCursor, in pages of the sizes in turn.
func (s *running) walkAll(t *testing.T, w walk, sizes []int, total int) []string {
	t.Helper()
	ids := []string{}
	var after *string
	for n := range 200 {
		p, a := s.page(t, w, sizes[n%len(sizes)], after)
		wantNoErrors(t, a)
		ids = append(ids, p.ids()...)
		p.wantInOrder(t, after != nil)
		if p.TotalCount != nil && *p.TotalCount != total || p.TotalCount == nil && after == nil {
			t.Errorf("totalCount %v of %d", p.TotalCount, total)
		}
		if !p.PageInfo.HasNextPage {
			return ids
		}
		after = p.PageInfo.EndCursor
	}
	t.Fatal("no end")
	return nil
}

func (p page) wantInOrder(t *testing.T, continued bool) {
	t.Helper()
	if p.PageInfo.HasPreviousPage != continued || len(p.Nodes) != len(p.Edges) {
		t.Errorf("%+v", p)
	}
	for i, edge := range p.Edges {
		if edge.Node != p.Nodes[i] || edge.Cursor == "" {
			t.Errorf("node %+v, edge %+v", p.Nodes[i], edge)
		}
	}
	if n := len(p.Edges); n > 0 && (*p.PageInfo.StartCursor != p.Edges[0].Cursor || *p.PageInfo.EndCursor != p.Edges[n-1].Cursor) {
		t.Errorf("pageInfo %+v", p.PageInfo)
	}
}

// wantRests goes on from the cursor of every edge: what follows is the rest.
func (s *running) wantRests(t *testing.T, w walk, want []string) {
	t.Helper()
	first, _ := s.page(t, w, min(3, max(len(want), 1)), nil)
	for i, edge := range first.Edges {
		for _, size := range []int{1, 4} {
			p, a := s.page(t, w, size, &edge.Cursor)
			wantNoErrors(t, a)
			got := p.ids()
			if rest := want[i+1:]; !slices.Equal(got, rest[:min(len(got), len(rest))]) || len(got) == 0 && len(rest) > 0 && !p.PageInfo.HasNextPage {
				t.Errorf("after edge %d, with first %d: %v of %v", i, size, got, rest)
			}
		}
	}
}

// What is not asked for is not counted.
func TestCountIsAskedForOnlyForTotalCount(t *testing.T) {
	t.Parallel()
	s := start(t, "PORTICO_EMULATOR_SIZE=20")
	for _, w := range s.walks(t) {
		for asked, text := range map[bool]string{false: "nodes { id }", true: "totalCount"} {
			a := s.ask(t, asking{accept: "application/json", text: "{" + w.before + "(first: 2" + w.args + ") {" + text + "}" + w.after + "}"})
			wantNoErrors(t, a)
			if sent := strings.Contains(fmt.Sprint(a.cost.Calls), "$count=true"); sent != asked {
				t.Errorf("%s { %s }: $count was sent: %v", w.name, text, sent)
			}
		}
	}
}

// Edges and nodes under any aliases are one list, asked for once, with what each of them needs.
func TestAliasesOfEdgesAndNodesAreOneRequest(t *testing.T) {
	t.Parallel()
	s := start(t, "PORTICO_EMULATOR_SIZE=20")
	host := address(s.upstream.emulator, 0)
	q := asking{accept: "application/json", variables: map[string]any{"id": host}, text: `query ($id: ID!) { host(id: $id) {
		ports(first: 3) { n: nodes { port } m: nodes { p: protocol } e: edges { c: cursor a: node { status } b: node { s: status timesObserved } } f: edges { node { host { id } } } }
	} }`}
	a := s.ask(t, q)
	wantNoErrors(t, a)
	wantCost(t, a, 1, 1, 1)
	want := "/security/threatIntelligence/hosts/" + host + "/ports?$select=id,host,port,protocol,status,timesObserved&$top=3"
	if got := a.cost.Calls[0].URL; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	data, _ := json.Marshal(s.naively(t, q))
	if want, got := any(nil), any(nil); json.Unmarshal(data, &want) == nil && json.Unmarshal([]byte(a.data), &got) == nil {
		if diff := cmp.Diff(withoutAlias(want, "c"), withoutAlias(got, "c")); diff != "" {
			t.Errorf("-direct +portico:\n%s", diff)
		}
	}
}

// withoutAlias takes the members of one name out of a value.
func withoutAlias(value any, name string) any {
	switch value := value.(type) {
	case map[string]any:
		delete(value, name)
		for _, inner := range value {
			withoutAlias(inner, name)
		}
	case []any:
		for _, inner := range value {
			withoutAlias(inner, name)
		}
	}
	return value
}
