package graph

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
)

func TestCursorsOpenWhereTheyWereSealed(t *testing.T) {
	t.Parallel()
	c := newCursors("")
	for _, p := range []position{{}, {Skip: 25}, {Link: "$skiptoken=x&$top=2", Drop: 3}, {Link: "a", For: "$select=id"}} {
		sealed := c.seal(p, "Host.ports\n192.0.2.1")
		got, ok := c.open(sealed, "Host.ports\n192.0.2.1")
		if diff := cmp.Diff(p, got); !ok || diff != "" {
			t.Errorf("%+v does not open: %s", p, diff)
		}
		for what, other := range map[string]*cursors{"another process": newCursors(""), "another key": newCursors("k"), "this one": c} {
			if _, ok := other.open(sealed, "Host.ports\n192.0.2.2"); ok {
				t.Errorf("%+v opens elsewhere in %s", p, what)
			}
			if _, ok := other.open(sealed, "Host.ports\n192.0.2.1"); ok != (other == c) {
				t.Errorf("%+v opens: %v in %s", p, ok, what)
			}
		}
	}
	if got, ok := newCursors("shared").open(newCursors("shared").seal(position{Skip: 1}, "x"), "x"); !ok || got.Skip != 1 {
		t.Error("processes that share a key do not open each other's cursors")
	}
}

func FuzzCursors(f *testing.F) {
	c := newCursors("a key of this test")
	f.Add(c.seal(position{Skip: 7}, "place"), "place", 3)
	f.Add("", "", 0)
	f.Add("MQ", "place", 1)
	f.Add(c.seal(position{Skip: 7}, "place")+"\n", "place", 100)
	f.Fuzz(func(t *testing.T, cursor, place string, at int) {
		if p, ok := c.open(cursor, place); ok && c.seal(p, place) != cursor {
			t.Fatalf("%q opens at %q and was not sealed there", cursor, place)
		}
		sealed := c.seal(position{Skip: at, Link: cursor}, place)
		if _, ok := c.open(sealed, place); !ok && utf8.ValidString(cursor) {
			t.Fatalf("%q does not open", sealed)
		}
		if at = max(at, 0) % len(sealed); sealed[at] != 'A' {
			if _, ok := c.open(sealed[:at]+"A"+sealed[at+1:], place); ok {
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
	pairs := facts.fields["Host"]["hostPairs"].args[0]
	search, word := facts.fields["Query"]["sslCertificates"].args[0], facts.fields["Query"]["articles"].args[0]
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			return // no JSON
		}
		wantFilter(t, filterOption(pairs, a), []string{a})
		wantFilter(t, filterOption(pairs, []any{a, b}), []string{a, b})
		if text, err := searchOption(word, a); err == nil {
			wantSearch(t, text, "", a)
		}
		if text, err := searchOption(search, map[string]any{"field": "SUBJECT_COMMON_NAME", "value": b}); err == nil {
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

// quoted reads one literal of OData and the comma behind it; the rest is "broken" where there is none.
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
	for _, empty := range []string{"", " ", `"`, `":\`, "\t:\n"} {
		if text, err := searchOption(argument{option: "search"}, empty); err == nil {
			t.Errorf("%q is searched for as %s", empty, text)
		}
	}
}
