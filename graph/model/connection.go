// Package model has what Microsoft Graph has no word for: Relay's connections. It knows the vocabulary of threatintel
// and nothing else.
package model

// Connection is a page of a list.
// https://relay.dev/graphql/connections.htm
type Connection[T any] struct {
	Nodes      []T
	Edges      []*Edge[T]
	PageInfo   *PageInfo
	TotalCount *int32
	// IsTruncated reports that items may be missing of a list that Portico filters or sorts.
	IsTruncated bool
}

// Edge is one of a page with its cursor.
type Edge[T any] struct {
	Cursor string
	Node   T
}

// PageInfo says where a page stands in its list. Lists go forward only.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       *string
}
