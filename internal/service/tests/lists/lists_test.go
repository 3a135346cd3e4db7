package lists_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"portico/internal/service/servicetest"
	"portico/internal/service/servicetest/naive"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
)

// rootLists are the lists of the query, with what they need and what they are upstream.
var rootLists = map[string]struct{ args, path string }{
	"articles":             {"", "articles?$top=100"},
	"intelligenceProfiles": {"", "intelProfiles?$top=100"},
	"sslCertificates":      {`, search: {serialNumber: "146473198"}`, "sslCertificates?$search=%22serialNumber:146473198%22"},
	"whoisRecords":         {`, search: {admin: {email: "admin@example.com"}}`, "whoisRecords?$search=%22admin/email:admin@example.com%22"},
}

// walk is one list that can be asked for: where it stands in a question, and where upstream.
type walk struct {
	name, path string
	before     string // of the question, up to the list's name
	after      string
	args       string
}

// walks returns a walk for each connection field of the schema, on the owner of its type that has the longest list.
func walks(t testing.TB, s *servicetest.Service) (walks []walk) {
	t.Helper()
	ids := s.WorldIDs(t)
	for named, def := range servicetest.Schema.Types {
		for _, field := range def.Fields {
			if def.Kind != ast.Object || !strings.HasSuffix(field.Type.Name(), "Connection") {
				continue
			}
			w := walk{name: named + "." + field.Name, before: "list: " + field.Name}
			if def == servicetest.Schema.Query {
				w.path, w.args = rootLists[field.Name].path, rootLists[field.Name].args
			} else {
				owner := longest(s, servicetest.SetOf[named], field.Name, ids[named])
				fill(t, s, servicetest.SetOf[named]+"/"+owner+"/"+field.Name, ids[nodeOf(field)])
				w.path = servicetest.ListPath(servicetest.SetOf[named], owner, field.Name)
				w.before = fmt.Sprintf("owner: %s(id: %q) { %s", servicetest.RootOf(named), owner, w.before)
				w.after = "}"
			}
			walks = append(walks, w)
		}
	}
	return walks
}

// nodeOf is an object type of what a connection holds.
func nodeOf(field *ast.FieldDefinition) string {
	node := servicetest.Schema.Types[field.Type.Name()].Fields.ForName("nodes").Type.Name()
	if node == "Host" {
		return "IpAddress"
	}
	return node
}

// fill makes a list in which the world has little longer.
func fill(t testing.TB, s *servicetest.Service, path string, ids []string) {
	t.Helper()
	if e := s.Emulator; len(e.List(path)) < 7 {
		if err := e.PutList(path, ids[:7]...); err != nil {
			t.Fatal(err)
		}
	}
}

// longest returns the owner that has the longest list.
func longest(s *servicetest.Service, set, list string, owners []string) (longest string) {
	most := -1
	for _, owner := range owners {
		if n := len(s.Emulator.List(set + "/" + owner + "/" + list)); n > most {
			longest, most = owner, n
		}
	}
	return longest
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

func fetchPage(t testing.TB, s *servicetest.Service, w walk, first int, after *string) (page, servicetest.Reply) {
	t.Helper()
	q := servicetest.Operation{Accept: "application/json", Variables: map[string]any{"first": first, "after": after}}
	q.Query = "query ($first: Int, $after: String) { " + w.before + "(first: $first, after: $after" + w.args + `) {
		nodes { id } edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
	} ` + w.after + "}"
	a := s.Send(t, q)
	data := servicetest.Data[struct {
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
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=40")
	walked := walks(t, s)
	for _, w := range walked {
		t.Run(w.name, func(t *testing.T) {
			want := servicetest.IDsOf(s.DirectList(t, w.path))
			if len(want) < 7 {
				t.Errorf("the list has %d", len(want))
			}
			for _, sizes := range [][]int{{2}, {1, 3, 2}, {100}} {
				if diff := cmp.Diff(want, walkAll(t, s, w, sizes, len(want))); diff != "" {
					t.Errorf("in pages of %d, -direct +walked:\n%s", sizes, diff)
				}
			}
			wantRests(t, s, w, want)
		})
	}
	if len(walked) < 32 {
		t.Errorf("%d lists were walked", len(walked))
	}
}

// walkAll walks a list by endCursor, in pages of the sizes in turn.
func walkAll(t *testing.T, s *servicetest.Service, w walk, sizes []int, total int) []string {
	t.Helper()
	ids := []string{}
	var after *string
	for n := range 200 {
		p, a := fetchPage(t, s, w, sizes[n%len(sizes)], after)
		a.WantNoErrors(t)
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
func wantRests(t *testing.T, s *servicetest.Service, w walk, want []string) {
	t.Helper()
	first, _ := fetchPage(t, s, w, min(3, max(len(want), 1)), nil)
	for i, edge := range first.Edges {
		for _, size := range []int{1, 4} {
			p, a := fetchPage(t, s, w, size, &edge.Cursor)
			a.WantNoErrors(t)
			got := p.ids()
			if rest := want[i+1:]; !slices.Equal(got, rest[:min(len(got), len(rest))]) || len(got) == 0 && len(rest) > 0 && !p.PageInfo.HasNextPage {
				t.Errorf("after edge %d, with first %d: %v of %v", i, size, got, rest)
			}
		}
	}
}

// With `first: 0`, a list returns its count and whether it has items: no nodes, and no more than the one request.
func TestFirstZeroReturnsTheCountAlone(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	for _, w := range walks(t, s) {
		all, _ := fetchPage(t, s, w, 100, nil)
		p, a := fetchPage(t, s, w, 0, nil)
		a.WantNoErrors(t)
		a.WantCost(t, 1, 1, 1)
		if len(p.Nodes) != 0 || len(p.Edges) != 0 || !p.PageInfo.HasNextPage || !cmp.Equal(p.TotalCount, all.TotalCount) {
			t.Errorf("%s: %s", w.name, a.Data)
		}
		if strings.Contains(a.Cost.Calls[0].URL, "$top=") && !strings.Contains(a.Cost.Calls[0].URL, "$top=1&") {
			t.Errorf("%s: %s requests more than one item", w.name, a.Cost.Calls[0].URL)
		}
		if next, a := fetchPage(t, s, w, 3, p.PageInfo.EndCursor); !cmp.Equal(next.Nodes, all.Nodes[:3]) {
			t.Errorf("%s, continued: %s", w.name, a.Text)
		}
		last, a := fetchPage(t, s, w, 0, all.PageInfo.EndCursor)
		if !all.PageInfo.HasNextPage && (len(a.Errors) != 0 || last.PageInfo.HasNextPage) {
			t.Errorf("%s, at its end: %s", w.name, a.Text)
		}
	}
}

// What is not asked for is not counted.
func TestCountIsRequestedOnlyForTotalCount(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	for _, w := range walks(t, s) {
		for asked, text := range map[bool]string{false: "nodes { id }", true: "totalCount"} {
			a := s.Ask(t, "{"+w.before+"(first: 2"+w.args+") {"+text+"}"+w.after+"}")
			a.WantNoErrors(t)
			if sent := strings.Contains(fmt.Sprint(a.Cost.Calls), "$count=true"); sent != asked {
				t.Errorf("%s { %s }: $count was sent: %v", w.name, text, sent)
			}
		}
	}
}

// Edges and nodes under any aliases are one list, asked for once, with what each of them needs.
func TestAliasesOfEdgesAndNodesAreOneRequest(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	host := servicetest.Address(s.Emulator, 0)
	q := servicetest.Operation{Accept: "application/json", Variables: map[string]any{"id": host}, Query: `query ($id: ID!) { host(id: $id) {
		ports(first: 3) { n: nodes { port } m: nodes { p: protocol } e: edges { c: cursor a: node { status } b: node { s: status timesObserved } } f: edges { node { host { id } } } }
	} }`}
	a := s.Send(t, q)
	a.WantNoErrors(t)
	a.WantCost(t, 1, 1, 1)
	want := "/security/threatIntelligence/hosts/" + host + "/ports?$select=id,host,port,protocol,status,timesObserved&$top=3"
	if got := a.Cost.Calls[0].URL; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	data, _ := json.Marshal(naive.Data(t, s, q))
	if want, got := any(nil), any(nil); json.Unmarshal(data, &want) == nil && json.Unmarshal([]byte(a.Data), &got) == nil {
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
