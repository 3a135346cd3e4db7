// Package service wires Portico up, in the order of a request: settings, Microsoft Graph or its emulator, tokens, the
// client, the GraphQL endpoint and what stands in front of it, and the listener.
//
// [Run] is the whole program. [New] is the service without a listener.
//
// The tests of the whole service are external packages by subject in the folder tests: queries, lists, faults, tokens,
// lifecycle, attacks and documentation. To write a new one, read the example in the documentation of package
// servicetest: it starts the service on an emulator of its own, sends queries, injects faults, and checks data, errors,
// requests and cost. A test goes into the file of its subject. A new folder needs a TestMain, see main_test.go in any
// of them. A query whose requests are to be held is two files in testdata/wire instead. Tests in this folder are of
// unexported parts alone.
package service
