package graph

import (
	"net/http"

	"github.com/99designs/gqlgen/graphql"

	"portico/graph/generated"
	"portico/graph/incremental"
	"portico/graph/limits"
	"portico/graph/transport"
)

// documentCache is how many bytes of query text are remembered with their parsed documents, which take up to 150 times
// as much memory.
const documentCache = 128 << 10

// NewHandler returns the GraphQL endpoint.
func NewHandler(o Options) http.Handler { return newHandler(o, onePass) }

// onePass returns the schema that writes responses in one pass.
func onePass(schema graphql.ExecutableSchema) graphql.ExecutableSchema {
	return generated.NewOnePass(schema, maxResponse, wrote)
}

// newHandler returns the endpoint. whole makes the schema for responses in one piece of gqlgen's.
func newHandler(o Options, whole func(graphql.ExecutableSchema) graphql.ExecutableSchema) http.Handler {
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{}, Schema: servedSchema()})
	exec := &executor{
		state: newState(o),
		schema: incremental.Schema{
			ExecutableSchema: schema, Whole: whole(schema),
			Objects: generated.NewObjects(schema), Begin: beginParts, Write: writePart,
		},
		preparation: preparation{
			limits: o.Limits, hideSchema: o.HideSchema, documents: limits.NewDocuments(documentCache),
			trusted: o.Trusted, log: o.Log, recovered: o.recovered,
		},
	}
	over := transport.HTTP{
		Limits: o.Limits, Sharing: transport.NewSharing(o.sharedBy(), o.Quota.follower()), Challenge: o.Challenge,
		Quota:      o.Quota.reader(),
		Extensions: o.extensions(), Documents: o.documents(), CrossOrigin: o.CrossOrigin,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { over.Do(w, r, exec) })
}
