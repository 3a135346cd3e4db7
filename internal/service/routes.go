package service

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"

	"portico/graph/transport"
	"portico/internal/callers"
	"portico/internal/listen"
)

// routes leads to what answers a request.
func routes(
	endpoint, schema, page http.Handler, gate *callers.Gate, origins listen.Origins, health *health,
) http.Handler {
	mux := http.NewServeMux()
	graphql := origins.Handler(gate.Handler(compressed(endpoint))) // a browser sends no token with a preflight request
	mux.Handle("/graphql", graphql)
	mux.Handle("/graphql/{"+transport.DocumentInPath+"}", graphql)
	mux.Handle("GET /schema.graphqls", origins.Handler(gate.Handler(schema)))
	metadata := origins.Handler(gate.Metadata())
	mux.Handle("GET "+callers.MetadataPath, metadata)
	mux.Handle("GET "+callers.MetadataPath+"/", metadata)
	health.handle(mux)
	mux.Handle("/", page)
	return mux
}

// compressed packs answers of JSON; the parts of a multipart one have to leave as they come.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.PreferZstd(false),
		gzhttp.ContentTypes([]string{"application/json", "application/graphql-response+json"}))
	if err != nil {
		panic(err) // the options above are constants
	}
	wrapped := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header["Accept-Encoding"] != nil {
			wrapped.ServeHTTP(w, r)
			return
		}
		w.Header()["Vary"] = append(w.Header()["Vary"], "Accept-Encoding") // as the library does
		next.ServeHTTP(w, r)
	})
}
