//go:build interop

package queries_test

const (
	randomQueries = 10_000
	cachedQueries = 10_000
)
