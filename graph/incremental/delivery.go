package incremental

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// delivery is the response to one operation, under way.
type delivery struct {
	schema Schema
	oc     *graphql.OperationContext
	find   finder
	life   context.Context // its end is that of all resolvers

	begun       bool
	incremental bool    // there is more than one payload
	waiting     []*Part // those of the last payload, which are not begun
	open        int     // parts that are begun and not delivered

	mu       sync.Mutex
	arrived  sync.Cond
	complete []payload
}

// payload is a part that was executed.
type payload struct {
	part   *Part
	data   []byte
	errors gqlerror.List
	nested []*Part
}

func newDelivery(life context.Context, s Schema) *delivery {
	oc := graphql.GetOperationContext(life)
	d := &delivery{schema: s, oc: oc, life: life, find: finder{s.Schema(), s.Objects, oc.Variables}}
	d.arrived.L = &d.mu
	resolve := oc.ResolverMiddleware
	oc.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
		return d.find.around(ctx, next, resolve)
	}
	return d
}

// initial executes what is not deferred.
func (d *delivery) initial(ctx context.Context, execute graphql.ResponseHandler) *graphql.Response {
	all := &found{}
	ctx = context.WithValue(until{ctx, d.life}, foundKey{}, all)
	response := execute(ctx)
	if response == nil {
		return nil
	}
	all.add(d.find.parts(ctx, d.find.schema.Query, d.oc.Operation.SelectionSet, nil))
	failed := len(response.Errors) > 0 || len(graphql.GetErrors(ctx)) > 0
	return d.promise(response, sent(all.parts, response.Data, nil, failed))
}

// next begins what the last payload deferred, and returns the part that is complete next.
func (d *delivery) next() *graphql.Response {
	d.begin()
	if d.open == 0 {
		return nil
	}
	p := d.await()
	d.open--
	response := &graphql.Response{Data: p.data, Errors: p.errors, Path: graphql.GetPath(p.part.ctx), Label: p.part.Label}
	return d.promise(response, p.nested)
}

// promise adds to a payload whether there are more.
func (d *delivery) promise(response *graphql.Response, parts []*Part) *graphql.Response {
	d.waiting = parts
	if more := d.open+len(parts) > 0; more || d.incremental {
		response.HasNext, d.incremental = &more, true
	}
	return response
}

// begin executes the parts that were waiting for the payload with their objects.
func (d *delivery) begin() {
	parts := d.waiting
	if d.waiting = nil; len(parts) == 0 {
		return
	}
	d.open += len(parts)
	if parts[0].begun == nil { // those of the first payload
		handIn(d.roundAfter(1), parts)
	}
	for _, p := range parts {
		go func() {
			<-p.begun
			done := d.execute(p)
			handIn(p.next, done.nested)
			d.deliver(done)
		}()
	}
}

func (d *delivery) deliver(p payload) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.complete = append(d.complete, p)
	d.arrived.Signal()
}

// await returns the part that was complete first.
func (d *delivery) await() payload {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.complete) == 0 {
		d.arrived.Wait()
	}
	p := d.complete[0]
	d.complete = d.complete[1:]
	return p
}

// execute executes a part. A panic outside of the resolvers, where gqlgen catches none, costs its data.
func (d *delivery) execute(part *Part) (p payload) {
	all := &found{}
	ctx := context.WithValue(graphql.WithFreshResponseContext(part.ctx), foundKey{}, all)
	defer func() {
		if value := recover(); value != nil {
			d.oc.Error(ctx, d.oc.Recover(ctx, value))
			p = payload{part: part, data: []byte("null"), errors: graphql.GetErrors(ctx)}
		}
	}()
	data := d.schema.Objects.Execute(ctx, part.On.Name, part.Selections, part.Owner)
	var text bytes.Buffer
	if err := d.schema.Write(ctx, &text, data); err != nil {
		graphql.AddError(ctx, err)
		return payload{part: part, data: []byte("null"), errors: graphql.GetErrors(ctx)}
	}
	all.add(d.find.parts(part.ctx, part.On, part.Selections, part.Owner))
	errs := graphql.GetErrors(ctx)
	return payload{part, text.Bytes(), errs, sent(all.parts, text.Bytes(), graphql.GetPath(part.ctx), len(errs) > 0)}
}

// sent returns those of the parts whose object is in the data of a payload at a path. Only where something failed may
// an object that was resolved not be there: an error takes the objects around it along, up to one that may be null.
func sent(parts []*Part, data []byte, at ast.Path, failed bool) []*Part {
	if !failed || len(parts) == 0 {
		return parts
	}
	var tree any
	if json.Unmarshal(data, &tree) != nil {
		return nil
	}
	return slices.DeleteFunc(parts, func(p *Part) bool {
		return !holdsObject(tree, graphql.GetPath(p.ctx)[len(at):])
	})
}

func holdsObject(tree any, path ast.Path) bool {
	for _, step := range path {
		switch step := step.(type) {
		case ast.PathName:
			object, _ := tree.(map[string]any)
			tree = object[string(step)]
		case ast.PathIndex:
			list, _ := tree.([]any)
			if int(step) >= len(list) {
				return false
			}
			tree = list[step]
		}
	}
	_, isObject := tree.(map[string]any)
	return isObject
}

// until is a context with the values of one and the end of another. The executor asks the one that ends for no further
// payload; this one lets it deliver what its resolvers give up.
type until struct {
	context.Context
	end context.Context
}

func (u until) Deadline() (time.Time, bool) { return u.end.Deadline() }
func (u until) Done() <-chan struct{}       { return u.end.Done() }
func (u until) Err() error                  { return u.end.Err() }
