// Package emulator simulates Microsoft Graph's threat-intelligence API and the part of Entra ID that issues tokens for
// it, in one [http.Handler].
//
// It serves every operation that is documented below /security/threatIntelligence, alone and in JSON batches, with the
// query options that its page documents, and refuses everything else in Microsoft Graph's error form. Lists are paged
// by opaque nextLinks. Each request needs a token from its own token endpoint, so a client library for Entra ID runs
// against it for real.
//
// It is strict and deliberately inconvenient: a batch is answered out of order, and the published examples are served
// letter for letter, with their wrappers and impossible dates. Faults are queued and not random ([Emulator.Fail]), the
// clock moves on request ([Emulator.Advance]), and it records each request that comes before a Retry-After has passed
// ([Emulator.EarlyRequests]).
//
// It has no real threat intelligence, one tenant, no interactive sign-in, no rate limits of its own, no beta and no
// write operations. It listens on loopback only, because it issues tokens to everybody.
//
// Three packages below this one do the work that needs no connection:
//
//   - odata describes the API and reads paths and query strings by that description;
//   - world holds the data;
//   - entra issues and checks tokens.
//
// This package connects them. A request passes through the files in this order: serve.go chooses what it is for,
// send.go reads what its responses share (a call), graph.go checks the token and the faults, get.go routes a GET, looks
// the entity or list up and renders it, batch.go does so for each item of a batch, and send.go writes the response,
// unless a fault spoils it.
//
// For example, GET /v1.0/security/threatIntelligence/hosts/192.0.2.1/ports?$top=2 leads to the endpoint "ports" in
// odata, whose items for 192.0.2.1 world makes on the spot; get.go cuts a page of two, and adds a nextLink with a
// signed $skiptoken.
//
// The four packages import nothing else of this module: they know the published API and no client of it.
package emulator
