// Package emulator pretends to be Microsoft Graph's threat-intelligence API and the part of Entra ID that hands out
// tokens for it.
//
// What it does not do: it holds no real threat intelligence, offers no lists, searches or metadata document, knows one
// tenant, signs nobody in interactively, limits no rates on its own accord, keeps nothing on disk and makes new keys at
// each start. It is for loopback only.
//
// What it does: it serves hostPorts, hosts, sslCertificates and hostComponents by key, alone and in JSON batches, with
// $select and $expand as their pages document them, and refuses what they refuse in Microsoft Graph's error form. Each
// call needs a token that its own token endpoint handed out, so a client library for Entra ID runs against it for real.
//
// It is odd on purpose: a batch is answered out of order, and the published example of a hostPort is served letter for
// letter, with its wrapper and its impossible date. Faults are queued, not diced ([Emulator.Fail]), and its clock moves
// when it is told to ([Emulator.Advance]). It remembers each Retry-After that it gave, and who came back too early.
//
// It knows the published API and no client of it: it imports nothing of the service that it is used to test.
package emulator
