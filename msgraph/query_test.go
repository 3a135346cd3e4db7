package msgraph_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
)

func TestNamesOfIsCanonical(t *testing.T) {
	for want, names := range map[msgraph.Names][]string{
		"":                   {},
		"port":               {"id", "port", ""},
		"banners,host,port":  {"port", "host", "banners", "host"},
		"banner,banner.x,bb": {"bb", "banner.x", "banner"},
		"microsoft.graph.security.hostname/registrar,port": {"port", "microsoft.graph.security.hostname/registrar"},
	} {
		if got := msgraph.NamesOf(names...); got != want {
			t.Errorf("NamesOf(%q) = %q, want %q", names, got, want)
		}
	}
}

func TestNamesAgreeWithSets(t *testing.T) {
	all := []string{"a", "a.b", "ab", "b", "c/d"}
	var sets []msgraph.Names
	for bits := range 1 << len(all) {
		sets = append(sets, msgraph.NamesOf(chosen(all, bits)...))
	}
	for x, a := range sets {
		for y, b := range sets {
			if got, want := a.Union(b), sets[x|y]; got != want {
				t.Errorf("%q.Union(%q) = %q, want %q", a, b, got, want)
			}
			if got, want := a.Covers(b), x&y == y; got != want {
				t.Errorf("%q.Covers(%q) = %v", a, b, got)
			}
		}
		var each []string
		a.Each(func(name string) { each = append(each, name) })
		if diff := cmp.Diff(chosen(all, x), each); diff != "" {
			t.Errorf("%q.Each (-want +got):\n%s", a, diff)
		}
		for _, name := range all {
			if got, want := a.Has(name), slices.Contains(each, name); got != want {
				t.Errorf("%q.Has(%q) = %v", a, name, got)
			}
		}
	}
}

func chosen(all []string, bits int) (names []string) {
	for i, name := range all {
		if bits&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

func TestQueryString(t *testing.T) {
	for want, query := range map[string]msgraph.Query{
		"$select=id":                         {},
		"$select=id,port,status":             {Select: "port,status"},
		"$select=id&$expand=cert":            {Expand: "cert"},
		"$select=id,host,port&$expand=cert":  {Select: "cert,host,port", Expand: "cert"},
		"$select=id,a.b/c&$expand=cert,host": {Select: "a.b/c", Expand: "cert,host"},
		"$select=port,status":                {Select: "port,status", Keyless: true},
		"$select=port&$expand=cert":          {Select: "cert,port", Expand: "cert", Keyless: true},
	} {
		if got := query.String(); got != want {
			t.Errorf("%#v: got %s, want %s", query, got, want)
		}
	}
	const key = "$select=id&$expand=cert" // a $select needs a name
	if got := (msgraph.Query{Expand: "cert", Keyless: true}).String(); got != key {
		t.Errorf("keyless with nothing but $expand: got %s, want %s", got, key)
	}
}

func TestQueryUnionAndCovers(t *testing.T) {
	type query = msgraph.Query
	for name, row := range map[string]struct {
		a, b, union   query
		aCovers, back bool
	}{
		"empty":                        {query{}, query{}, query{}, true, true},
		"more covers less":             {query{Select: "a,b"}, query{Select: "b"}, query{Select: "a,b"}, true, false},
		"side by side":                 {query{Select: "a"}, query{Select: "b"}, query{Select: "a,b"}, false, false},
		"expanded covers selected":     {query{Expand: "c"}, query{Select: "c"}, query{Expand: "c"}, true, false},
		"selected no match for expand": {query{Select: "b,c"}, query{Expand: "c"}, query{Select: "b", Expand: "c"}, false, false},
		"mixed":                        {query{Select: "a,b", Expand: "c"}, query{Select: "a,c"}, query{Select: "a,b", Expand: "c"}, true, false},
		"mixed, one missing":           {query{Select: "a,b", Expand: "c"}, query{Select: "a,c,d"}, query{Select: "a,b,d", Expand: "c"}, false, false},
		"keyless":                      {query{Select: "a", Keyless: true}, query{Select: "a", Keyless: true}, query{Select: "a", Keyless: true}, true, true},
		"key and keyless":              {query{Select: "a"}, query{Select: "a", Keyless: true}, query{Select: "a"}, true, false},
		"keyless, side by side":        {query{Select: "a", Keyless: true}, query{Select: "b", Keyless: true}, query{Select: "a,b", Keyless: true}, false, false},
		"any property shows existence": {query{Select: "a", Keyless: true}, query{Keyless: true}, query{Select: "a", Keyless: true}, true, false},
		"two expanded":                 {query{Expand: "c"}, query{Select: "c", Expand: "d"}, query{Expand: "c,d"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := row.a.Union(row.b); got != row.union {
				t.Errorf("union %+v, want %+v", got, row.union)
			}
			if got := row.b.Union(row.a); got != row.union {
				t.Errorf("union the other way %+v, want %+v", got, row.union)
			}
			if row.a.Covers(row.b) != row.aCovers || row.b.Covers(row.a) != row.back {
				t.Errorf("covers %v and back %v", row.a.Covers(row.b), row.b.Covers(row.a))
			}
			if !row.union.Covers(row.a) || !row.union.Covers(row.b) {
				t.Error("the union does not cover both")
			}
		})
	}
}

func TestLookupURL(t *testing.T) {
	lookup := msgraph.Lookup{Path: "/hostPorts/ODU%3D", Query: msgraph.Query{Select: "port"}}
	if got, want := lookup.URL(), "/hostPorts/ODU%3D?$select=id,port"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestQueryOperationsDoNotAllocateOnTheHotPath(t *testing.T) {
	wide, narrow := msgraph.Query{Select: "banners,host,port,status", Expand: "cert"}, msgraph.Query{Select: "cert,port"}
	for name, operation := range map[string]func(){
		"covers":                  func() { wide.Covers(narrow) },
		"union of wide and empty": func() { wide.Union(msgraph.Query{}) },
		"union of equals":         func() { wide.Union(wide) },
	} {
		if got := testing.AllocsPerRun(100, operation); got != 0 {
			t.Errorf("%s: %v allocations", name, got)
		}
	}
}

func BenchmarkQueryCovers(b *testing.B) {
	wide, narrow := msgraph.Query{Select: "banners,host,port,status", Expand: "cert"}, msgraph.Query{Select: "cert,port"}
	b.ReportAllocs()
	for b.Loop() {
		wide.Covers(narrow)
	}
}

func BenchmarkQueryUnion(b *testing.B) {
	x, y := msgraph.Query{Select: "banners,host,port,status"}, msgraph.Query{Select: "cert,port,timesObserved"}
	b.ReportAllocs()
	for b.Loop() {
		x.Union(y)
	}
}

func BenchmarkLookupURL(b *testing.B) {
	lookup := msgraph.Lookup{Path: "/security/threatIntelligence/hostPorts/ODUuMTMuMTM5LjE4JCQyMQ%3D%3D", Query: msgraph.Query{Select: "banners,host,port,status"}}
	b.ReportAllocs()
	for b.Loop() {
		lookup.URL()
	}
}
