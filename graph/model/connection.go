// Package model has what Microsoft Graph has no word for: Relay's connections, and the inputs of lists that Portico
// filters and sorts itself. It knows the vocabulary of threatintel and nothing else.
package model

import "portico/threatintel"

// Connection is a page of a list.
// https://relay.dev/graphql/connections.htm
type Connection[T any] struct {
	Nodes      []T
	Edges      []*Edge[T]
	PageInfo   *PageInfo
	TotalCount *int32
	// IsTruncated reports that the list was longer than Portico looks.
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

// HostPortFilter holds conditions on ports, all of which must hold. A nil one always holds, an empty list never does.
type HostPortFilter struct {
	Status         []threatintel.HostPortStatus
	Protocol       []threatintel.HostPortProtocol
	Port           []int32
	SeenSince      *threatintel.DateTime
	BannerContains *string
	ComponentName  *string
}
