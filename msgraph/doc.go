// Package msgraph is a client of Microsoft Graph: GETs of single resources with their system query options, JSON
// batching, retries, and the reading of responses, which may be an entity, an error object or no JSON at all.
//
// It knows nothing of threat intelligence, of GraphQL or of authorization. Entities are type parameters, and a
// RoundTripper below the client adds headers. The identity that a request is sent for is an opaque key here
// (WithIdentity): nothing is shared between two identities.
//
// # One example
//
// A Lookup is a GET as a value. It can be compared, printed and used as a key before anything is sent:
//
//	Lookup{Path: "/security/threatIntelligence/hosts/contoso.com", Query: Query{Select: NamesOf("registrar")}}
//	/security/threatIntelligence/hosts/contoso.com?$select=id,registrar
//
// A Request adds how the response is decoded. Fetch gets the URLs of many lookups and calls done once for each, in any
// order:
//
//	client.Fetch(ctx, []string{a, b, c}, func(i int, body []byte, err error) { … })
//
// Three lookups become one POST /$batch; one or two are GETs side by side, since batching them costs more than it
// saves. If the response of b is 429, done is called for a and c at once. Then b alone is sent again, after the time
// that Retry-After says, and nothing else of that identity is sent before. If b fails for good, err is an *Error with
// its Kind, the status and Microsoft's request id.
//
// Entity and Collection decode leniently. A value that cannot be read is null and is reported as an Invalid, with its
// path and its raw text. One wrong date does not fail the entity.
//
// # Where to find what
//
// The files form no circle: each uses those below it. fetch.go splits the lookups into GETs and batches. get.go and
// batch.go send them and settle each call, schedule.go sorts calls by the time at which they may be sent, and
// batchanswer.go reads the response of a batch, one item.go for each request in it. Both ask retry.go whether a failed
// call is sent again, and permit.go when a request may be sent. exchange.go sends one HTTP request, and answer.go says
// what its response means. lane.go and hold.go hold the pauses of one identity and of one resource.
//
// # What does not leave
//
// Nothing that this package returns or logs holds a body, a header or an absolute URL of the service. Of an error
// response, only the code and the message of its error object are kept.
package msgraph
