//go:build !interop

package graph

// randomDocuments is how many random documents both engines answer; make interop compares more.
const randomDocuments = 1000
