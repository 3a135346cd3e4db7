package plan

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
	"portico/threatintel"
)

func TestCursorsOpenWhereTheyWereSealed(t *testing.T) {
	t.Parallel()
	c := NewSealer("")
	for _, p := range []Cursor{{}, {Skip: 25}, {Link: "$skiptoken=x&$top=2", Drop: 3}, {Link: "a", For: "$select=id"}} {
		sealed := c.Seal(p, "Host.ports\n192.0.2.1")
		got, ok := c.Open(sealed, "Host.ports\n192.0.2.1")
		if diff := cmp.Diff(p, got); !ok || diff != "" {
			t.Errorf("%+v does not open: %s", p, diff)
		}
		for what, other := range map[string]*Sealer{"another process": NewSealer(""), "another key": NewSealer("k"), "this one": c} {
			if _, ok := other.Open(sealed, "Host.ports\n192.0.2.2"); ok {
				t.Errorf("%+v opens elsewhere in %s", p, what)
			}
			if _, ok := other.Open(sealed, "Host.ports\n192.0.2.1"); ok != (other == c) {
				t.Errorf("%+v opens: %v in %s", p, ok, what)
			}
		}
	}
	if got, ok := NewSealer("shared").Open(NewSealer("shared").Seal(Cursor{Skip: 1}, "x"), "x"); !ok || got.Skip != 1 {
		t.Error("processes that share a key do not open each other's cursors")
	}
}

func TestACursorOpensWithAnyKeyAndIsSealedWithTheFirst(t *testing.T) {
	before, during, after := NewSealer("old"), NewSealer("new", "", "old"), NewSealer("new")
	old, sealed := before.Seal(Cursor{Skip: 1}, "x"), during.Seal(Cursor{Skip: 2}, "x")
	for _, row := range []struct {
		what   string
		sealer *Sealer
		cursor string
		want   bool
	}{
		{"an old cursor while both keys are set", during, old, true},
		{"a new cursor while both keys are set", during, sealed, true},
		{"a new cursor after the rotation", after, sealed, true},
		{"an old cursor after the rotation", after, old, false},
		{"a new cursor with the old key alone", before, sealed, false},
	} {
		if _, ok := row.sealer.Open(row.cursor, "x"); ok != row.want {
			t.Errorf("%s: opens is %t, want %t", row.what, ok, row.want)
		}
		if _, ok := row.sealer.Open(row.cursor, "y"); ok {
			t.Errorf("%s: it opens elsewhere", row.what)
		}
	}
}

func FuzzCursors(f *testing.F) {
	c := NewSealer("a key of this test")
	f.Add(c.Seal(Cursor{Skip: 7}, "place"), "place", 3)
	f.Add("", "", 0)
	f.Add("MQ", "place", 1)
	f.Add(c.Seal(Cursor{Skip: 7}, "place")+"\n", "place", 100)
	f.Fuzz(func(t *testing.T, cursor, list string, at int) {
		scope := Scope(list)
		if p, ok := c.Open(cursor, scope); ok && c.Seal(p, scope) != cursor {
			t.Fatalf("%q opens at %q and was not sealed there", cursor, scope)
		}
		sealed := c.Seal(Cursor{Skip: at, Link: cursor}, scope)
		if _, ok := c.Open(sealed, scope); !ok && utf8.ValidString(cursor) {
			t.Fatalf("%q does not open", sealed)
		}
		if at = max(at, 0) % len(sealed); sealed[at] != 'A' {
			if _, ok := c.Open(sealed[:at]+"A"+sealed[at+1:], scope); ok {
				t.Fatalf("%q opens with an A at %d", sealed, at)
			}
		}
	})
}

// Whatever a caller searches or filters by stays inside its quotes, and inside its option.
func FuzzListOptions(f *testing.F) {
	for _, seed := range [][2]string{
		{"redirect", "script.src"},
		{"it's", "''"},
		{`a"b`, `\`},
		{"a&$top=1000", "a#b"},
		{"') or linkKind ne ('", "x"},
		{"%27%22%26", "+ +"},
		{"ä\n\x00", "subject/commonName:x"},
		{":", " \t"},
	} {
		f.Add(seed[0], seed[1])
	}
	pairs := catalog.conditions["HostPairFilter"][0]
	search, word := catalog.fields["Query"]["sslCertificates"], catalog.fields["Query"]["articles"]
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			return // no JSON
		}
		wantFilter(t, pairs.option([]any{a}), []string{a})
		wantFilter(t, pairs.option([]any{a, b}), []string{a, b})
		if text, err := word.searchOption(a); err == nil {
			wantSearch(t, text, "", a)
		}
		if text, err := search.searchOption(map[string]any{"subject": map[string]any{"commonName": b}}); err == nil {
			wantSearch(t, text, "subject/commonName:", b)
		}
	})
}

// sent is the value of an option, after it went through the address of a request.
func sent(t *testing.T, page msgraph.Page) url.Values {
	t.Helper()
	address, err := url.Parse("https://graph.example/v1.0" + msgraph.Lookup{Path: "/x", Query: msgraph.Query{Page: page}}.URL())
	if err != nil {
		t.Fatal(err)
	}
	options, err := url.ParseQuery(address.RawQuery)
	if err != nil || len(options) != 2 || address.Fragment != "" || address.Path != "/v1.0/x" || options.Get("$select") != "id" {
		t.Fatalf("%v: %s", err, address)
	}
	return options
}

func wantFilter(t *testing.T, option string, values []string) {
	t.Helper()
	text := sent(t, msgraph.Page{Filter: option}).Get("$filter")
	rest, one := strings.CutPrefix(text, "linkKind eq ")
	if !one {
		rest = strings.TrimSuffix(strings.TrimPrefix(text, "linkKind in ("), ")")
	}
	var got []string
	for rest != "" {
		var value string
		if value, rest = quoted(rest); value == "" && rest == "broken" {
			t.Fatalf("%q is no list of literals", text)
		}
		got = append(got, value)
	}
	if !slices.Equal(got, values) {
		t.Fatalf("%q reads as %q, want %q", text, got, values)
	}
}

// quoted reads one OData literal and the comma after it; the rest is "broken" if there is no literal.
func quoted(text string) (value, rest string) {
	text, opened := strings.CutPrefix(text, "'")
	for opened {
		before, after, closed := strings.Cut(text, "'")
		value += before
		if !closed {
			break
		}
		if text, opened = strings.CutPrefix(after, "'"); opened {
			value += "'"
			continue
		}
		rest, _ = strings.CutPrefix(after, ",")
		return value, rest
	}
	return "", "broken"
}

func wantSearch(t *testing.T, option, property, value string) {
	t.Helper()
	text := sent(t, msgraph.Page{Search: option}).Get("$search")
	inside, opened := strings.CutPrefix(text, `"`+property)
	inside, closed := strings.CutSuffix(inside, `"`)
	if !opened || !closed || inside == "" || strings.ContainsAny(inside, `":\`) {
		t.Fatalf("%q of %q", text, value)
	}
	value, _ = threatintel.CanonicalText("", value)
	if plain := strings.TrimSpace(strings.Map(withoutMarks, value)); plain != inside {
		t.Fatalf("%q of %q", inside, value)
	}
}

func withoutMarks(r rune) rune {
	if strings.ContainsRune(`":\`, r) {
		return -1
	}
	return r
}

func TestSearchNeedsAValue(t *testing.T) {
	t.Parallel()
	word, certificates := catalog.fields["Query"]["articles"], catalog.fields["Query"]["sslCertificates"]
	for _, row := range []struct {
		list  *Field
		value any
		want  string
	}{
		{word, "", "`search` must not be empty. Leave it out if any value will do."},
		{word, " \u200b\t", "`search` must not be empty. Leave it out if any value will do."},
		{word, `":\`, "`search` must contain more than quotes, backslashes and colons (got \"\\\":\\\\\")."},
		{word, "two words", "`search` must be a single word (got \"two words\"). Filter by `where` as well."},
		{certificates, map[string]any{"sha1": " "}, "`search.sha1` must not be empty."},
		{certificates, map[string]any{"subject": map[string]any{"commonName": ""}}, "`search.subject.commonName` must not be empty."},
		{certificates, map[string]any{"issuer": map[string]any{"address": map[string]any{"city": `"`}}}, "`search.issuer.address.city` must contain more than quotes, backslashes and colons (got \"\\\"\")."},
		{certificates, map[string]any{"sha1": "ab"}, "`search.sha1` must be a SHA-1 hash of 40 hexadecimal digits (got \"ab\")."},
	} {
		if text, err := row.list.searchOption(row.value); err == nil || err.Error() != row.want {
			t.Errorf("%v is searched for as %s, %v", row.value, text, err)
		}
	}
}

func TestNoPartOfAScopeContainsAnother(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1000)
	scopes := map[Scope][]string{}
	for _, parts := range [][]string{
		{"a", "b"},
		{"a\nb"},
		{"a\",\"b"},
		{`a\n`, "b"},
		{"a", "", "b"},
		{"", "a", "b"},
		{"a", "b", ""},
		{"[\"a\",\"b\"]"},
		{long, "b"},
		{long + "\n", "b"},
		{long, "\nb"},
		{long + "b"},
	} {
		scope := scopeOf(parts)
		if other, taken := scopes[scope]; taken {
			t.Errorf("%.40q and %.40q have the same scope", parts, other)
		}
		scopes[scope] = parts
	}
}

func TestTheLongestLinkFitsIntoACursor(t *testing.T) {
	t.Parallel()
	const longest = 8 << 10 // msgraph refuses longer links
	for what, text := range map[string]string{"letters": "x", "separators": "&", "quotes": "'", "brackets": "<"} {
		sealed := NewSealer("").Seal(Cursor{Link: strings.Repeat(text, longest), For: strings.Repeat("y", 2000), Drop: 99}, "list")
		if len(sealed) > maxCursor {
			t.Errorf("%s: the cursor has %d bytes, and `after` takes %d", what, len(sealed), maxCursor)
		}
	}
}

func TestAnInvalidCursorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	r, valid := readDocument(`{ host(id: "a") { ports(after: "AAAA") { nodes { id } } } }`, nil)
	if !valid {
		t.Fatal("the document is refused")
	}
	for f := range r.arguments {
		if f.Name != "ports" {
			continue
		}
		_, err := r.Call("Host", f, f.SelectionSet).Page("a", NewSealer(""))
		for _, word := range []string{"endCursor", "same list", "`where`", "`orderBy`", "restart", "PORTICO_CURSOR_KEY"} {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%v does not name %s", err, word)
			}
		}
	}
}

func TestAnEmptyCursorIsNotTheFirstPage(t *testing.T) {
	t.Parallel()
	const want = "`after` must not be empty. For the first page, leave it out or send null."
	if _, err := pageOf(t, `{ host(id: "a") { it: ports(after: "") { nodes { id } } } }`); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if _, err := pageOf(t, `{ host(id: "a") { it: ports(after: null) { nodes { id } } } }`); err != nil {
		t.Errorf("null is refused: %v", err)
	}
}

// Conditions that read alike are not equal.
func TestConditionsThatReadAlikeAreFilteredApart(t *testing.T) {
	t.Parallel()
	scopes := map[Scope]string{}
	for _, where := range []string{
		`{bannerContains: "x componentName:y"}`, `{bannerContains: "x", componentName: "y"}`, `{bannerContains: "x", componentName: null}`,
		`{status: [OPEN, CLOSED]}`, `{status: [CLOSED, OPEN]}`, `{bannerContains: "[OPEN CLOSED]"}`, `{port: [1, 2]}`, `{port: [12]}`, `{}`,
	} {
		r, valid := readDocument(`{ host(id: "a") { ports(where: `+where+`) { nodes { banners { banner } services { isRecent } } } } }`, nil)
		if !valid {
			t.Fatal(where)
		}
		for f := range r.arguments {
			if f.Name != "ports" {
				continue
			}
			page, err := r.Call("Host", f, f.SelectionSet).Page("a", NewSealer(""))
			if err != nil {
				t.Fatal(err)
			}
			if other, taken := scopes[page.Scope]; taken {
				t.Errorf("%s is taken for %s", where, other)
			}
			scopes[page.Scope] = where
		}
	}
}
