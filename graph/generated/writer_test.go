package generated

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// newWriter returns a writer in the field "seen" of a port.
func newWriter() (*writer, context.Context) {
	oc := &graphql.OperationContext{RecoverFunc: func(context.Context, any) error { return errors.New("recovered") }}
	present := func(ctx context.Context, err error) *gqlerror.Error {
		return gqlerror.WrapPath(graphql.GetPath(ctx), err)
	}
	ctx := graphql.WithResponseContext(graphql.WithOperationContext(context.Background(), oc), present, oc.RecoverFunc)
	schema := NewExecutableSchema(Config{}).(*executableSchema)
	w := &writer{executionContext: newExecutionContext(oc, schema, nil), root: ctx, limit: 1 << 20}
	w.leaf = &selected{CollectedField: graphql.CollectedField{Field: &ast.Field{Name: "seen", Alias: "seen"}}}
	w.leafOf = "HostPort"
	return w, ctx
}

// broken is a scalar that panics after it has written something.
type broken struct{}

// MarshalGQL implements graphql.Marshaler.
func (broken) MarshalGQL(w io.Writer) {
	_, _ = io.WriteString(w, `"half`)
	panic("marshaller")
}

func TestAPanicInAMarshallerCostsItsField(t *testing.T) {
	for _, row := range []struct {
		what    string
		nonNull bool
		want    string
		valid   bool
	}{
		{"where null is allowed", false, `{"port":1,"seen":null`, true},
		{"where it is not, the object is invalid", true, `{"port":1,"seen":`, false},
	} {
		w, ctx := newWriter()
		w.buf = append(w.buf, `{"port":1,"seen":`...)
		valid := marshal(w, row.nonNull, broken{})
		errs := graphql.GetErrors(ctx)
		if string(w.buf) != row.want || valid != row.valid || len(errs) != 1 || errs[0].Path.String() != "seen" {
			t.Errorf("%s: %s, %t, %v", row.what, w.buf, valid, errs)
		}
		if w.depth != 0 {
			t.Errorf("%s: the depth is %d", row.what, w.depth)
		}
	}
}

func TestAPanicInAResolverCostsItsField(t *testing.T) {
	w, ctx := newWriter()
	f := w.leaf
	w.buf = append(w.buf, `{"seen":`...)
	write := func(w *writer, _ *selected, text string) bool {
		w.text(text)
		w.enterList() // and is not left
		panic("writing")
	}
	valid := resolve(w, f, "HostPort", true, false, nil,
		func(context.Context, *graphql.FieldContext) (string, error) { return "half", nil }, write)
	if errs := graphql.GetErrors(ctx); string(w.buf) != `{"seen":null` || !valid || len(errs) != 1 || w.depth != 0 {
		t.Errorf("%s, %t, %v, depth %d", w.buf, valid, errs, w.depth)
	}
}

// A forbidden null cuts the response back to the nearest place where null is allowed.
func TestAnInvalidValueIsCutOff(t *testing.T) {
	w, _ := newWriter()
	outer := w.begin('{')
	w.buf = append(w.buf, `"a":1,"b":`...)
	inner := w.begin('[')
	w.buf = append(w.buf, `{"c":2}`...)
	if w.end(']', inner, false) || !w.null() || !w.end('}', outer, true) || string(w.buf) != `{"a":1,"b":null}` {
		t.Errorf("got %s", w.buf)
	}
}

// A response that is too long gives up its memory, and is still counted.
func TestALongResponseIsNotKept(t *testing.T) {
	w, _ := newWriter()
	w.limit = 100
	start := w.begin('[')
	for i := range 1000 {
		w.comma(i)
		w.text(strings.Repeat("x", 10))
	}
	w.end(']', start, true)
	if want := 2 + 1000*12 + 999; w.position() != want || len(w.buf) > 200 || w.bytes <= w.limit {
		t.Errorf("position %d, want %d; %d bytes kept, counted %d", w.position(), want, len(w.buf), w.bytes)
	}
	w.cut(start)
	if w.position() != start {
		t.Errorf("position %d after a cut to %d", w.position(), start)
	}
}

func FuzzText(f *testing.F) {
	f.Add("plain")
	f.Add("\"\\\n\x00\x7f\u2028\xff")
	f.Fuzz(func(t *testing.T, text string) {
		w, _ := newWriter()
		w.text(text)
		var want strings.Builder
		graphql.MarshalString(text).MarshalGQL(&want)
		if string(w.buf) != want.String() {
			t.Errorf("%q is %s, want %s", text, w.buf, &want)
		}
	})
}

// What is collected of a document serves all its operations, and goes with the document.
func TestSelectionsAreKeptWithTheirDocument(t *testing.T) {
	operation := func(query string) *graphql.OperationContext {
		doc := gqlparser.MustLoadQueryWithRules(NewExecutableSchema(Config{}).Schema(), query, nil)
		return &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], RawQuery: query}
	}
	oc := operation(`{ host(id: "192.0.2.1") { id } }`)
	if first := rootOf(oc); rootOf(oc) != first {
		t.Error("collected twice")
	}
	conditional := operation(`query ($c: Boolean!) { host(id: "192.0.2.1") { id @skip(if: $c) } }`)
	if first := rootOf(conditional); rootOf(conditional) == first {
		t.Error("what depends on a variable is kept")
	}
	if !rootOf(operation(`{ __schema { description } }`)).readsSchema || rootOf(oc).readsSchema {
		t.Error("reading the schema is not told")
	}
	kept := func() (n int) {
		roots.Range(func(any, any) bool { n++; return true })
		return n
	}
	for range 100 {
		rootOf(operation(`{ host(id: "192.0.2.1") { id } }`))
	}
	for tries := 0; kept() > 50 && tries < 100; tries++ {
		runtime.GC()
		runtime.Gosched()
	}
	if n := kept(); n > 50 {
		t.Errorf("%d of 100 documents are kept after they are gone", n)
	}
	runtime.KeepAlive(oc)
}
