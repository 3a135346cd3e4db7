package generated

import (
	"context"
	"io"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
)

// writer writes one response. Its generated methods append values; each returns whether its value is valid.
type writer struct {
	*executionContext
	resolvers resolvers

	root  context.Context
	rungs []*rung
	depth int // how many of the rungs are in use
	// leaf is the scalar that is being written, if it is a plain field and so has no rung, and leafOf its object type.
	leaf   *selected
	leafOf string

	buf     []byte
	dropped int // bytes before those in buf, of a response that is too long
	limit   int
	bytes   int // of the values of the root's fields
}

// rung is one step of the path to the value that is being written. All values at one depth use the same, one after the
// other.
type rung struct {
	ctx   context.Context
	field graphql.FieldContext
	index int // of an item
}

// ctx is the context of the innermost field or item that has a rung.
func (w *writer) ctx() context.Context {
	if w.depth == 0 {
		return w.root
	}
	return w.rungs[w.depth-1].ctx
}

func (w *writer) climb() *rung {
	if w.depth == len(w.rungs) {
		r := &rung{}
		r.ctx = graphql.WithFieldContext(w.ctx(), &r.field)
		w.rungs = append(w.rungs, r)
	}
	w.depth++
	return w.rungs[w.depth-1]
}

// enter begins the value of a field.
func (w *writer) enter(f *selected, object string, isMethod, isResolver bool) *rung {
	r := w.climb()
	r.field.Object, r.field.Field, r.field.Args, r.field.Index = object, f.CollectedField, nil, nil
	r.field.IsMethod, r.field.IsResolver = isMethod, isResolver
	w.leaf = nil
	return r
}

// enterList begins the items of a list. The caller sets the index.
func (w *writer) enterList() *rung {
	r := w.climb()
	r.field.Object, r.field.Field, r.field.Args, r.field.Index = "", graphql.CollectedField{}, nil, &r.index
	r.field.IsMethod, r.field.IsResolver = false, false
	return r
}

func (w *writer) leave() { w.depth-- }

// leafCtx is the context of the scalar that is being written.
func (w *writer) leafCtx() context.Context {
	if w.leaf == nil {
		return w.ctx()
	}
	defer w.leave()
	return w.enter(w.leaf, w.leafOf, false, false).ctx
}

// watch is set by a test: it returns the context that a resolver gets, and what is called when the resolver has
// returned.
var watch = func(ctx context.Context) (context.Context, func()) { return ctx, nil }

// call calls a resolver.
func call[T any](r *rung, resolver func(context.Context, *graphql.FieldContext) (T, error)) (T, error) {
	ctx, returned := watch(r.ctx)
	if returned != nil {
		defer returned()
	}
	return resolver(ctx, &r.field)
}

// resolve writes a field that has a resolver or is a method. An error or a panic makes it null.
func resolve[T any](
	w *writer, f *selected, object string, isResolver, nonNull bool,
	args func(*executionContext, context.Context, map[string]any) (map[string]any, error),
	resolver func(context.Context, *graphql.FieldContext) (T, error),
	write func(*writer, *selected, T) bool,
) (valid bool) {
	start := w.position()
	r, depth := w.enter(f, object, true, isResolver), w.depth
	defer func() {
		w.depth = depth
		if value := recover(); value != nil {
			w.cut(start)
			w.Error(r.ctx, w.Recover(r.ctx, value))
			valid = w.absent(nonNull)
		}
		w.leave()
	}()
	var err error
	if args != nil {
		if r.field.Args, err = args(w.executionContext, r.ctx, f.ArgumentMap(w.Variables)); err != nil {
			w.Error(r.ctx, err)
			return w.absent(nonNull)
		}
	}
	value, err := call(r, resolver)
	if err != nil {
		w.Error(r.ctx, graphql.AddFieldLocationToError(r.ctx, err))
		return w.absent(nonNull)
	}
	return write(w, f, value)
}

// marshal writes a scalar that marshals itself. A panic makes it null.
func marshal[T graphql.Marshaler](w *writer, nonNull bool, v T) (valid bool) {
	start := w.position()
	defer func() {
		if value := recover(); value != nil {
			valid = w.panicked(value, start, nonNull)
		}
	}()
	v.MarshalGQL(w)
	return true
}

// marshalBy writes a scalar with what one of gqlgen's functions made of it.
//
//nolint:unused // by scalars that the schema does not have today
func marshalBy(w *writer, nonNull bool, of string, v graphql.Marshaler) bool {
	if nonNull && v == graphql.Null {
		graphql.AddInvalidNullFromMarshaler(w.leafCtx(), of)
		return false
	}
	return marshal(w, nonNull, v)
}

// marshalByWithContext is marshalBy for functions whose result takes a context.
func marshalByWithContext(w *writer, nonNull bool, _ string, v graphql.ContextMarshaler) bool {
	return marshal(w, nonNull, graphql.WrapContextMarshaler(w.leafCtx(), v))
}

// panicked writes null for a scalar whose marshaller panicked.
func (w *writer) panicked(value any, start int, nonNull bool) bool {
	w.cut(start)
	ctx := w.leafCtx()
	w.Error(ctx, w.Recover(ctx, value))
	return w.absent(nonNull)
}

// absent writes null for a value that failed, where that is allowed.
func (w *writer) absent(nonNull bool) bool { return !nonNull && w.null() }

func (w *writer) null() bool {
	w.buf = append(w.buf, "null"...)
	return true
}

// forbid reports a null where the schema allows none.
func (w *writer) forbid(ctx context.Context, of string) bool {
	graphql.AddInvalidNullError(ctx, of)
	return false
}

// forbidInterface is forbid for a nil interface. As gqlgen has it, only an item of a list names its type.
//
//nolint:unused // by fields that the schema does not have today
func (w *writer) forbidInterface(of string) bool {
	if w.depth > 0 && w.rungs[w.depth-1].field.Index == nil {
		of = ""
	}
	return w.forbid(w.ctx(), of)
}

// position is how many bytes are written.
func (w *writer) position() int { return w.dropped + len(w.buf) }

// cut drops what was written from a position on.
func (w *writer) cut(to int) {
	if to < w.dropped {
		w.buf, w.dropped = w.buf[:0], to
		return
	}
	w.buf = w.buf[:to-w.dropped]
}

// begin begins an object or a list, and returns where.
func (w *writer) begin(bracket byte) (start int) {
	start = w.position()
	w.buf = append(w.buf, bracket)
	return start
}

// end ends an object or a list. One that is not valid is cut off.
func (w *writer) end(bracket byte, start int, valid bool) bool {
	if !valid {
		w.cut(start)
		return false
	}
	w.buf = append(w.buf, bracket)
	return true
}

// comma separates the members of an object or a list. Here a response that is too long gives up its memory: nobody
// receives it.
func (w *writer) comma(i int) {
	if len(w.buf) > w.limit {
		w.bytes = max(w.bytes, w.limit+1)
		w.buf, w.dropped = w.buf[:0], w.position()
	}
	if i > 0 {
		w.buf = append(w.buf, ',')
	}
}

func (w *writer) name(i int, f *selected) {
	w.comma(i)
	w.buf = append(w.buf, f.name...)
}

// count counts the value of a field of the root, which begins at a position.
func (w *writer) count(from int) { w.bytes += w.position() - from }

// Write implements io.Writer, for marshallers.
func (w *writer) Write(text []byte) (int, error) {
	w.buf = append(w.buf, text...)
	return len(text), nil
}

// WriteString implements io.StringWriter, for marshallers.
func (w *writer) WriteString(text string) (int, error) {
	w.buf = append(w.buf, text...)
	return len(text), nil
}

var _ io.StringWriter = (*writer)(nil)

func (w *writer) integer(n int32) bool {
	w.buf = strconv.AppendInt(w.buf, int64(n), 10)
	return true
}

func (w *writer) boolean(b bool) bool {
	w.buf = strconv.AppendBool(w.buf, b)
	return true
}

func (w *writer) text(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			graphql.MarshalString(s).MarshalGQL(w)
			return true
		}
	}
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, s...)
	w.buf = append(w.buf, '"')
	return true
}
