// Package graph is the GraphQL side: it takes an operation in over HTTP, bounds it, plans it, and resolves it.
//
// A request goes through it in this order: transport.go reads it; limits.go refuses what is too much; handler.go gives
// the operation its deadline and its loader; plan.go walks the operation once and sends what is already known, with
// selection.go to say what to ask and catalog.go to say what each field is upstream; schema.resolvers.go resolves the
// fields that are requests or references, through load.go; errors.go words what went wrong.
//
// It knows GraphQL and the vocabulary of threatintel. It does not know how requests travel, nor as whom.
package graph

// Resolver is the root of the resolvers. They hold nothing: what an operation needs is in its context.
type Resolver struct{}
