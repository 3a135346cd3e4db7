//go:build !interop

package service

// randomQueries is how many random queries are compared; make interop compares more.
const randomQueries = 500
