// Package incremental executes operations with @defer. gqlgen's own executor defers fields that have resolvers, and
// sends a part as soon as it is complete. Here fragments are deferred: the first payload has nothing of them, and each
// arrives whole, after the object that it belongs to.
//
// An object's deferred fragments are found when the object is resolved. They are executed on the object when the
// payload that has it is sent, each on its own.
//
// # Rounds
//
// The parts that the first payload defers are one round. What the parts of a round defer themselves is the next round,
// however many objects it belongs to: it begins when the last part of the round was executed, and no timer says when.
// So what a round requests can be sent together, also if each of its parts arrives at a time of its own. A part that
// takes much longer than the others is left behind, and what it defers is a round of its own.
//
// It knows gqlgen's interfaces. It knows no schema, and nothing of HTTP.
package incremental

import (
	"context"
	"io"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Objects executes selection sets on values of object types; see generated.Objects.
type Objects interface {
	// TypeOf returns the name of the object type of a value of an abstract type.
	TypeOf(value any) string
	// Execute executes a selection set on a value of the object type; nil at the root.
	Execute(ctx context.Context, on string, set ast.SelectionSet, value any) graphql.Marshaler
}

// Schema is an executable schema that answers operations that Settle settled, in a payload for the operation and one
// for each part.
type Schema struct {
	graphql.ExecutableSchema
	// Whole executes operations whose response is sent in one piece. Nil: the ExecutableSchema.
	Whole   graphql.ExecutableSchema
	Objects Objects
	// Begin is called with the parts of one round, before any of them is executed. It must not wait for them.
	Begin func(ctx context.Context, parts []*Part)
	// Write writes the data of a part. An error replaces the data.
	Write func(ctx context.Context, w io.Writer, data graphql.Marshaler) error
}

// Exec executes an operation. Payloads are to be asked for one after the other: what one of them defers is begun when
// the next is asked for. What is executed ends with ctx, and every part then arrives with its errors.
func (s Schema) Exec(ctx context.Context) graphql.ResponseHandler {
	if !InParts(ctx) && s.Whole != nil {
		return s.Whole.Exec(ctx)
	}
	first := s.ExecutableSchema.Exec(ctx)
	if !InParts(ctx) {
		return first
	}
	d := newDelivery(ctx, s)
	return func(ctx context.Context) *graphql.Response {
		if !d.begun {
			d.begun = true
			return d.initial(ctx, first)
		}
		return d.next()
	}
}
