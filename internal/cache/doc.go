// Package cache remembers what Microsoft Graph returned, so that a second query for it sends nothing. It stands between
// the loaders and the client, and has the client's Fetch: what it has, it answers, and only the rest goes on. So a
// $batch holds nothing that was known.
//
// # What is stored
//
// An entity is stored by property, as raw JSON with the time at which it arrived. One entry answers every selection of
// properties that it has, and a wider selection requests only the others:
//
//	GET hosts/contoso.com?$select=registrar               requested and stored
//	GET hosts/contoso.com?$select=registrar               answered
//	GET hosts/contoso.com?$select=registrant,registrar    becomes ?$select=registrant; the response is put together
//
// An expanded navigation property is kept apart from the reference, for which it can stand.
//
// A page of a list is stored as a whole, under its path and the options that name the page: $filter, $search, $orderby,
// $top and $skip. It is one snapshot. The same page at another time may have other items, so its items cannot be put
// together from two responses. A wider selection requests the page anew, with the properties that it had as well, so
// that the new entry answers both queries. Only two responses that were under way at the same time are put together, if
// they have the same items in the same order and no next page. A link to the next page is opaque, and its response is
// stored under the whole link.
//
// That a resource does not exist is stored for a shorter time, with the 404.
//
// # What is not stored
//
//   - failures, but for the 404;
//   - a response that Microsoft Graph calls incomplete (206) or warns of (Warning);
//   - a response that is not JSON to the letter, one without what shows that it is the entity, and one of more than
//     1 MiB;
//   - what is at a path that has no lifetime.
//
// A partial response that names another id than the entry is not used: the resource is then requested as a whole, which
// is the only case in which the cache costs a request.
//
// # Who is served
//
// The key of an entry begins with the identity. An identity that is only a token (Identity.Unverified) is served after
// Microsoft Graph accepted that token with a 2xx, and until the token expires. A 401 or 403 drops all entries of the
// identity; responses to requests that were under way are not stored then.
//
// # Time
//
// A response is fresh for Lifetime.Fresh. Up to twice that age it is served as well, while one request behind renews
// it. Up to Lifetime.Stale it is served if Microsoft Graph cannot be reached, is overloaded or is broken, or while the
// circuit breaker is open. It never covers a refusal. Each stale answer is counted in the operation's trace. A request
// may demand data of at most an age (demand.go).
//
// # Files
//
// request.go reads URLs. entry.go is what is stored, response.go makes it of a response, page.go puts pages
// together, memory.go keeps it.
// identities.go decides for whom, lifetime.go for how long. wave.go decides how each request of a wave is answered,
// settle.go treats responses and failures, renew.go and renewals.go the requests behind. purge.go removes entries.
//
// # A second level
//
// Replicas may share entries, see shared.go. wave.recall takes from there what memory lacks, in one read for the whole
// wave, and wave.keep writes there what memory stores. second.go says by which mark the entries of an identity are in
// force, dropping.go replaces it to drop them for all replicas, and encode.go is the form of an entry. Shared adds to
// each key what tells installations apart.
package cache
