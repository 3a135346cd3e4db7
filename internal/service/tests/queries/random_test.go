//go:build !interop

package queries_test

// randomQueries is how many random queries are compared; make interop compares more.
const randomQueries = 500
