// Package loaders holds one loader per GraphQL operation. It turns the lookups of the operation into as few requests as
// possible. It deals with lookups and responses. It does not depend on entities, on GraphQL or on how requests are
// sent.
//
// # One example
//
// An operation selects a port, a second field of the same port under another alias, and the port's host:
//
//	GET hostPorts/A?$select=host,port     step 1; its links lead to the host
//	GET hostPorts/A?$select=status        step 2
//	GET hosts/192.0.2.1?$select=asn       step 3
//
// Prefetch gets all three steps before execution. Steps 1 and 2 name one resource, so they become one call with the
// union of both queries, host, port and status. Both calls leave at once, as the first wave. When the response of
// the port is in, its links are followed: if they lead to a host that is not under way, that is a step of the second
// wave.
//
// A resolver asks for its lookup with Get. The loader finds a call whose query covers it, and the resolver waits for
// the response under its own context. The call itself belongs to the operation: it goes on for those who still wait.
//
// # Waves
//
// What the responses of one wave lead to is gathered and leaves together when the last of these responses is in. A
// timer is the fallback for a straggler: waiting costs little, since the operation needs that response anyway, and a
// request more is expensive. Responses that rarely lead anywhere, such as a page that could be empty, are gathered
// apart from the others.
//
// A first wave of one or two requests starts no goroutine: the resolver that waits first sends it.
//
// # The dataloader
//
// Steps cover what the query and the responses of planned lookups reveal. What they miss is a lookup that no step
// foresaw; Unplanned counts them. A resolver asks for it, with @defer in a hundred goroutines at a time. What deferred
// fragments need is not among them: Add gets it before they are executed. Such lookups are keys of a dataloader:
//
//   - the key is a lookup, and the value is its call, a promise of the response;
//   - the batch function sends what a millisecond gathered as one wave, and does not wait for responses, so that one
//     slow batch holds up no other and each resolver can give up alone;
//   - its cache is the loader's own, and finds a call that asks for as much as the key or more, not only an equal one;
//   - nothing is ever evicted, since the dataloader lives as long as the operation, and it is never shared: no caller
//     can get what was fetched for another.
package loaders
