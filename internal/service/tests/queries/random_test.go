//go:build !interop

package queries_test

// randomQueries is how many random queries are compared; make interop compares more.
const randomQueries = 500

// cachedQueries is how many are compared with and without the cache.
const cachedQueries = 200
