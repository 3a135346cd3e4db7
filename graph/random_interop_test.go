//go:build interop

package graph

const (
	randomDocuments   = 10_000
	deferredDocuments = 5_000
)
