// Package msgraph speaks Microsoft Graph: addresses of single resources with
// their system query options, plain GETs, JSON batching, retries, and what
// comes back, be it an entity, an error object or no JSON at all.
//
// It knows nothing of threat intelligence, of GraphQL or of how a request is
// authorised: entities are type parameters, and whoever needs a header on
// every request puts a RoundTripper under the client. The identity that a
// request is made for is an opaque key here (WithIdentity): nothing is shared
// between two of them.
//
// Nothing that this package returns or logs holds a body, a header or an
// absolute URL of the service; of what the service said, only the code and
// the message of its error object travel on.
package msgraph
