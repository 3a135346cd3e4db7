//go:build interop

package graph

// randomDocuments is how many random documents both engines answer.
const randomDocuments = 10_000
