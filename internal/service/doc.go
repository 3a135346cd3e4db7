// Package service wires Portico up, in the order of a request: settings, Microsoft Graph or its emulator, tokens, the
// client, the GraphQL endpoint and what stands in front of it, and the listener.
//
// [Run] is the whole program. [New] is the service without a listener.
//
// The tests of the whole service are here, too, and run in the root of the repository. A new one calls trouble, which
// starts the service on an emulator of its own; putPorts, put or emulator.Fail prepare what Microsoft Graph responds; say
// sends a document, and the reply's want holds the data and the errors; wantAsked holds what was sent upstream. At the end,
// trouble checks that no response and no log line holds anything of Microsoft Graph's that callers must not see. launch
// runs the program in this process, and spawn its binary.
package service
