//go:build !interop

package graph

// randomDocuments is how many random documents both engines answer; make interop compares more.
const randomDocuments = 400

// deferredDocuments is how many random documents are answered in parts and in one piece.
const deferredDocuments = 400
