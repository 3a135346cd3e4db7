// Package graph is the GraphQL side: it takes an operation in over HTTP, bounds it, plans it, and resolves it.
//
// A request goes through it in this order: transport reads it; limits refuses what is too much; preparation.go
// validates the document and reads the variables; reading.go reads the arguments, once for the plan and the resolvers;
// operation.go gives the operation its loader; plan.go walks it once and sends what is already known, with selection.go
// and list.go to say what to ask, catalog.go to say what each field is upstream, and entities.go to say which request
// fetches it; schema.resolvers.go resolves the fields that are requests or references, through load.go; errors.go words
// what went wrong. handler.go puts all of it together.
//
// It knows GraphQL and the vocabulary of threatintel. It does not know how requests travel, nor as whom.
package graph

// Resolver is the root of the resolvers. They hold nothing: what an operation needs is in its context.
type Resolver struct{}
