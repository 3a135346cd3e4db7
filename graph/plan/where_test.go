package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/loaders"
	"portico/threatintel"
)

// pageOf returns the page that the field "it" of a document requests.
func pageOf(t *testing.T, text string) (Page, error) {
	t.Helper()
	r, valid := readDocument(text, nil)
	if !valid {
		t.Fatalf("%s is refused", text)
	}
	for f := range r.arguments {
		if f.Alias == "it" {
			return r.Call(f.ObjectDefinition.Name, f, f.SelectionSet).Page("owner", NewSealer(""))
		}
	}
	t.Fatalf("%s has no field it", text)
	return Page{}, nil
}

// shown is what Portico does itself, as text.
func (p Page) shown() string {
	if p.Filter == nil {
		return ""
	}
	var all []string
	for _, c := range p.Filter.Where {
		text := c.Holds
		for _, path := range c.On {
			text += " " + strings.Join(path, "/")
		}
		all = append(all, text)
	}
	if by := p.Filter.OrderBy; by.Property != "" {
		all = append(all, fmt.Sprintf("by %s, descending %v", by.Property, by.Descending))
	}
	return strings.Join(all, "; ")
}

func TestWhoFiltersAndSorts(t *testing.T) {
	t.Parallel()
	host := func(list string) string { return `{ host(id: "a") { it: ` + list + ` { nodes { id } } } }` }
	for _, row := range []struct{ what, text, sent, portico string }{
		{"nothing", host("hostPairs"), "$select=id&$top=25", ""},
		{"no condition", host("hostPairs(where: {})"), "$select=id&$top=25", ""},
		{"a condition that is null", host("ports(where: {status: null})"), "$select=id&$top=25", ""},
		{"one link kind", host(`hostPairs(where: {linkKind: "redirect"})`), "$select=id&$filter=linkKind%20eq%20'redirect'&$top=25", ""},
		{"two link kinds", host(`hostPairs(where: {linkKind: ["a", "b"]})`), "$select=id&$filter=linkKind%20in%20('a','b')&$top=25", ""},
		{
			"a link kind and a date", host(`hostPairs(where: {linkKind: "a", lastSeenSince: "2026-11-01"}, orderBy: LAST_SEEN_DESC)`),
			"$select=id,lastSeenDateTime&$filter=linkKind%20eq%20'a'&$orderby=lastSeenDateTime%20desc&$top=100", "SINCE lastSeenDateTime",
		},
		{"one record type", host("passiveDns(where: {recordType: A})"), "$select=id&$filter=recordType%20eq%20'A'&$top=25", ""},
		{"two record types", host("passiveDns(where: {recordType: [A, AAAA]})"), "$select=id,recordType&$top=100", "IN recordType"},
		{"a record type, where no list is filtered", host("passiveDnsReverse(where: {recordType: A})"), "$select=id,recordType&$top=100", "IN recordType"},
		{"an order, where no list is sorted", host("components(orderBy: FIRST_SEEN_ASC)"), "$select=id,firstSeenDateTime&$top=100", "by firstSeenDateTime, descending false"},
		{"an order, where lists are sorted", host("sslCertificates(orderBy: FIRST_SEEN_ASC)"), "$select=id&$orderby=firstSeenDateTime%20asc&$top=25", ""},
		{"a property inside another", host(`ports(where: {componentName: "a"})`), "$select=id,services&$top=100", "IN services/component/name"},
		{"no $skip", host(`subdomains(where: {firstSeenSince: "2026-11-01"})`), "$select=id,firstSeenDateTime&$top=100", "SINCE firstSeenDateTime"},
		{"one kind of profile", "{ it: intelligenceProfiles(where: {kind: TOOL}) { nodes { id } } }", "$select=id&$filter=kind%20eq%20'tool'&$top=25", ""},
		{"both kinds of profile", "{ it: intelligenceProfiles(where: {kind: [TOOL, ACTOR]}) { nodes { id } } }", "$select=id,kind&$top=100", "IN kind"},
		{
			"profiles by title", "{ it: intelligenceProfiles(orderBy: TITLE_ASC) { nodes { id } } }",
			"$select=id&$orderby=title%20asc&$top=25", "",
		},
		{
			"profiles by date", "{ it: intelligenceProfiles(orderBy: FIRST_ACTIVE_DESC) { nodes { id } } }",
			"$select=id,firstActiveDateTime&$top=100", "by firstActiveDateTime, descending true",
		},
		{
			"a search and a condition", `{ it: articles(search: "word", where: {tag: "a"}) { nodes { id } } }`,
			"$select=id,tags&$search=%22word%22&$top=100", "IN tags",
		},
		{
			"a list without options", `{ vulnerability(id: "CVE-2021-44228") { it: articles(where: {titleContains: "a"}) { nodes { id } } } }`,
			"", "CONTAINS title",
		},
		{"none of the values", host("ports(where: {status: []})"), "$select=id&$top=25", ""},
	} {
		page, err := pageOf(t, row.text)
		if err != nil || page.Query.String() != row.sent || page.shown() != row.portico {
			t.Errorf("%s: %v\n got %q, %q\nwant %q, %q", row.what, err, page.Query, page.shown(), row.sent, row.portico)
		}
		if page.Empty != (row.what == "none of the values") {
			t.Errorf("%s: nothing is requested: %v", row.what, page.Empty)
		}
	}
}

// Every text of every condition loses the blanks around it, and must not be empty.
func TestNoTextOfAConditionIsEmpty(t *testing.T) {
	t.Parallel()
	for input, all := range catalog.conditions {
		for _, c := range all {
			for _, empty := range []any{"", " \u200b", []any{"a", ""}} {
				want := "`where." + c.name + "` must not be empty. Leave it out if any value will do."
				if c.typed != "String" || (c.name == "sha1" && empty != "") {
					continue
				}
				if got, err := c.canonical(empty); err == nil || err.Error() != want {
					t.Errorf("%s.%s: %q becomes %q, %v", input, c.name, empty, got, err)
				}
			}
			if got, err := c.canonical([]any{" 2001:db8::1\u00a0"}); c.typed == "String" && c.name != "sha1" && (err != nil || got.([]any)[0] != "2001:db8::1") {
				t.Errorf("%s.%s: got %q, %v", input, c.name, got, err)
			}
		}
	}
}

func TestTextsOfConditionsAreCanonical(t *testing.T) {
	t.Parallel()
	host := func(list string) string { return `{ host(id: "a") { it: ` + list + ` { nodes { id } } } }` }
	const sha1 = "fb96551505f1edb24dd3b36fcffdb765833b8118"
	for _, row := range []struct{ what, text, sent, values, refused string }{
		{"a hash with colons", host(`sslCertificates(where: {sha1: "FB:96:55:15:05:F1:ED:B2:4D:D3:B3:6F:CF:FD:B7:65:83:3B:81:18"})`), "", sha1, ""},
		{"a hash among others", host(`sslCertificates(where: {sha1: ["` + sha1 + `", "ab"]})`), "", "", "`where.sha1` must be a SHA-1 hash of 40 hexadecimal digits (got \"ab\")."},
		{"blanks around a link kind, which is sent", host(`hostPairs(where: {linkKind: " redirect\t"})`), "linkKind eq 'redirect'", "", ""},
		{"blanks around a name", host(`components(where: {name: " OpenSSH "})`), "", "OpenSSH", ""},
		{"a defanged domain of a cookie", host(`cookies(where: {domain: ".example[.]com"})`), "", ".example.com", ""},
		{"a part of a banner", host(`ports(where: {bannerContains: " SSH-2.0\r\n"})`), "", "SSH-2.0", ""},
		{"an empty text beside a wrong search", `{ it: articles(search: "a b", where: {titleContains: ""}) { nodes { id } } }`, "", "", "`search` must be a single word (got \"a b\"). Filter by `where` as well."},
		{"an empty text beside another condition", host(`ports(where: {status: OPEN, bannerContains: ""})`), "", "", "`where.bannerContains` must not be empty. Leave it out if any value will do."},
	} {
		page, err := pageOf(t, row.text)
		values, refused := "", ""
		if err != nil {
			refused = err.Error()
		} else if page.Filter != nil {
			values = fmt.Sprint(page.Filter.Where[0].Values...)
		}
		if refused != row.refused || refused == "" && (page.Query.Page.Filter != row.sent || values != row.values) {
			t.Errorf("%s: sent %q, compared %q, refused %q", row.what, page.Query.Page.Filter, values, refused)
		}
	}
}

func TestADateIsAWholeDay(t *testing.T) {
	t.Parallel()
	page, err := pageOf(t, `{ host(id: "a") { it: ports(where: {
		seenBetween: {from: "2026-11-01", to: "2026-11-30"}, lastSeenSince: "2026-11-02", firstSeenSince: "2026-11-03T01:00:00+01:00"
	}) { nodes { id } } } }`)
	if err != nil {
		t.Fatal(err)
	}
	november, err := threatintel.Between("2026-11-01T00:00:00Z", "2026-11-30T23:59:59.999999999Z")
	if err != nil {
		t.Fatal(err)
	}
	want := []threatintel.Range{
		threatintel.Since("2026-11-03T00:00:00Z"), threatintel.Since("2026-11-02T00:00:00Z"), november,
	}
	for i, c := range page.Filter.Where {
		if c.Time != want[i] {
			t.Errorf("%v: got %v, want %v", c.On, c.Time, want[i])
		}
	}
	if _, err := pageOf(t, `{ host(id: "a") { it: ports(where: {seenBetween: {from: "2026-11-02", to: "2026-11-01"}}) { nodes { id } } } }`); err == nil ||
		!strings.Contains(err.Error(), "seenBetween.from") {
		t.Errorf("a range that ends before it starts: %v", err)
	}
}

// Every list has the same arguments in the same order, and a condition is of a kind that its type fits.
func TestEveryListHasTheSameArguments(t *testing.T) {
	t.Parallel()
	for _, def := range Schema.Types {
		for _, f := range def.Fields {
			if !strings.HasSuffix(f.Type.Name(), "Connection") {
				continue
			}
			var names []string
			for _, arg := range f.Arguments {
				names = append(names, arg.Name)
			}
			text := strings.Join(names, " ")
			if text = strings.TrimPrefix(text, "search "); text != "first after where" && text != "first after where orderBy" {
				t.Errorf("%s.%s takes %s", def.Name, f.Name, strings.Join(names, " "))
			}
			node := Schema.Types[f.Type.Name()].Fields.ForName("nodes").Type.Name()
			dated := Schema.Types[node].Fields.ForName("firstSeenDateTime") != nil && node != "Host"
			if dated && !strings.HasSuffix(text, "orderBy") {
				t.Errorf("%s.%s cannot be sorted", def.Name, f.Name)
			}
			if where := Schema.Types[f.Arguments.ForName("where").Type.Name()]; dated {
				wantDateConditions(t, where, Schema.Types[node])
			}
		}
	}
}

func wantDateConditions(t *testing.T, where, node *ast.Definition) {
	t.Helper()
	for _, name := range []string{"firstSeenSince", "lastSeenSince", "seenBetween"} {
		if node.Fields.ForName("lastSeenDateTime") == nil && name == "lastSeenSince" {
			continue
		}
		if where.Fields.ForName(name) == nil {
			t.Errorf("%s has no %s", where.Name, name)
		}
	}
}

// Portico sorts by dates alone.
func TestWhatPorticoSortsByIsADate(t *testing.T) {
	t.Parallel()
	for on, fields := range catalog.fields {
		for name, f := range fields {
			if f.orderBy == "" {
				continue
			}
			for _, member := range Schema.Types[f.orderBy].EnumValues {
				property, _, _ := strings.Cut(wireText(f.orderBy, member.Name), " ")
				if f.takes["ORDERBY"] && f.sorts.Has(property) {
					continue
				}
				if of := f.Target.Fields.ForName(property); of == nil || of.Type.Name() != "DateTime" {
					t.Errorf("%s.%s by %s: %s is not a date", on, name, member.Name, property)
				}
			}
		}
	}
}

// The estimate counts the further pages that a filtered list may need, once for equal lists.
func TestTheEstimateCountsThePagesOfFilteredLists(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what, text string
		want       int
	}{
		{"not filtered", `{ host(id: "a.example") { ports { nodes { port } } } }`, 1},
		{"filtered", `{ host(id: "a.example") { ports(where: {status: OPEN}) { nodes { port } } } }`, 4},
		{"sorted", `{ host(id: "a.example") { ports(orderBy: LAST_SEEN_ASC) { nodes { port } } } }`, 4},
		{"filtered by Microsoft Graph", `{ host(id: "a.example") { hostPairs(where: {linkKind: "a"}) { nodes { id } } } }`, 1},
		{"with a request for each item", `{ host(id: "a.example") { cookies(first: 10, where: {name: "a"}) { nodes { id } } hostPairs(first: 10, where: {firstSeenSince: "2026-11-01"}) { nodes { childHost { reputation { score } } } } } }`, 4 + 4 + 10},
		{"twice, in one list", `{ host(id: "a.example") { a: ports(where: {status: OPEN}) { nodes { port } } b: ports(where: {port: 1}) { nodes { port } } } }`, 4},
		{"below each item", `{ sslCertificate(id: "a") { relatedHosts(first: 10) { nodes { ports(where: {status: OPEN}) { nodes { port } } } } } }`, 1 + 10*4},
	} {
		r, valid := readDocument(row.text, nil)
		if !valid {
			t.Fatal(row.text)
		}
		p := &Planner{HostHints: true, Missed: func() {}, Sealer: NewSealer("")}
		if got := loaders.Cost(p.Plan(r)); got != row.want {
			t.Errorf("%s: %d items, want %d", row.what, got, row.want)
		}
	}
}
