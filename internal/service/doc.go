// Package service wires Portico up, in the order of a request: settings, Microsoft Graph or its emulator, tokens, the
// client, the GraphQL endpoint and what stands in front of it, and the listener.
//
// [Run] is the whole program. [New] is the service without a listener, which is what most tests need; package
// servicetest runs it for them.
package service
