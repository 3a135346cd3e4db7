// Package documents reads trusted documents from the files that build tools of GraphQL clients write: Apollo's
// manifest, Relay's map, graphql-codegen's persisted documents, and .graphql files. It tells the forms apart by what is
// in the files, and verifies every id that looks like a hash of its text.
//
// It knows no schema: whether a document is valid, and what it costs, is package graph's business.
package documents
