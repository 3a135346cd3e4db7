// Package msgraph is a client of Microsoft Graph: GETs of single resources with their system query options, JSON batching,
// retries, and the reading of responses, which may be an entity, an error object or no JSON at all.
//
// It knows nothing of threat intelligence, of GraphQL or of authorization. Entities are type parameters, and a RoundTripper
// below the client adds headers. The identity that a request is sent for is an opaque key here (WithIdentity): nothing is
// shared between two identities.
//
// # One example
//
// A Lookup is a GET as a value. It can be compared, printed and used as a key before anything is sent:
//
//	Lookup{Path: "/security/threatIntelligence/hosts/contoso.com", Query: Query{Select: NamesOf("registrar")}}
//	/security/threatIntelligence/hosts/contoso.com?$select=id,registrar
//
// A Request adds how the response is decoded. Fetch gets the URLs of many lookups and calls done once for each, in any order:
//
//	client.Fetch(ctx, []string{a, b, c}, func(i int, body []byte, err error) { … })
//
// Three lookups become one POST /$batch; one or two are GETs side by side, since batching them costs more than it saves. If
// the response of b is 429, done is called for a and c at once. Then b alone is sent again, after the time that Retry-After
// says, and nothing else of that identity is sent before. If b fails for good, err is an *Error with its Kind, the status
// and Microsoft's request id.
//
// Entity and Collection decode leniently. A value that cannot be read is null and is reported as an Invalid, with its path
// and its raw text. One wrong date does not fail the entity.
//
// # What does not leave
//
// Nothing that this package returns or logs holds a body, a header or an absolute URL of the service. Of an error response,
// only the code and the message of its error object are kept.
package msgraph
