// Package emulator pretends to be Microsoft Graph's threat-intelligence API and the part of Entra ID that hands out
// tokens for it.
//
// What it does not do: it holds no real threat intelligence, knows one tenant, signs nobody in interactively, limits no
// rates on its own accord, keeps nothing on disk and makes new keys at each start. It offers no beta, no writing, and no
// navigation that is in the metadata but on no page. It is for loopback only.
//
// What it does: it serves every operation that is documented below /security/threatIntelligence, alone and in JSON
// batches, with the query options that its page documents, and refuses what the page does not name in Microsoft Graph's
// error form. Lists are paged by opaque nextLinks. Each call needs a token that its own token endpoint handed out, so a
// client library for Entra ID runs against it for real.
//
// Its world is made of numbers when it is asked for, and hangs together: certificates lead back to the hosts that showed
// them, pairs and passive DNS agree at both ends ([Emulator.HostIDs], [Emulator.List], [Emulator.ChainPortID]).
//
// It is odd on purpose: a batch is answered out of order, and the published examples are served letter for letter, with
// their wrappers and impossible dates. Faults are queued, not diced ([Emulator.Fail]), and its clock moves when it is told
// to ([Emulator.Advance]). It remembers each Retry-After that it gave, and who came back too early.
//
// It knows the published API and no client of it: it imports nothing of the service that it is used to test.
package emulator
