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

// gqlgen binds types by their names; these name the connections and edges of the schema.
type (
	// HostConnection is a page of them.
	HostConnection = Connection[threatintel.Host]
	// HostEdge is one of a page.
	HostEdge = Edge[threatintel.Host]
	// HostPortConnection is a page of them.
	HostPortConnection = Connection[*threatintel.HostPort]
	// HostPortEdge is one of a page.
	HostPortEdge = Edge[*threatintel.HostPort]
	// HostComponentConnection is a page of them.
	HostComponentConnection = Connection[*threatintel.HostComponent]
	// HostComponentEdge is one of a page.
	HostComponentEdge = Edge[*threatintel.HostComponent]
	// HostCookieConnection is a page of them.
	HostCookieConnection = Connection[*threatintel.HostCookie]
	// HostCookieEdge is one of a page.
	HostCookieEdge = Edge[*threatintel.HostCookie]
	// HostTrackerConnection is a page of them.
	HostTrackerConnection = Connection[*threatintel.HostTracker]
	// HostTrackerEdge is one of a page.
	HostTrackerEdge = Edge[*threatintel.HostTracker]
	// HostPairConnection is a page of them.
	HostPairConnection = Connection[*threatintel.HostPair]
	// HostPairEdge is one of a page.
	HostPairEdge = Edge[*threatintel.HostPair]
	// HostSslCertificateConnection is a page of them.
	HostSslCertificateConnection = Connection[*threatintel.HostSSLCertificate]
	// HostSslCertificateEdge is one of a page.
	HostSslCertificateEdge = Edge[*threatintel.HostSSLCertificate]
	// SslCertificateConnection is a page of them.
	SslCertificateConnection = Connection[*threatintel.SSLCertificate]
	// SslCertificateEdge is one of a page.
	SslCertificateEdge = Edge[*threatintel.SSLCertificate]
	// PassiveDnsRecordConnection is a page of them.
	PassiveDnsRecordConnection = Connection[*threatintel.PassiveDNSRecord]
	// PassiveDnsRecordEdge is one of a page.
	PassiveDnsRecordEdge = Edge[*threatintel.PassiveDNSRecord]
	// SubdomainConnection is a page of them.
	SubdomainConnection = Connection[*threatintel.Subdomain]
	// SubdomainEdge is one of a page.
	SubdomainEdge = Edge[*threatintel.Subdomain]
	// WhoisRecordConnection is a page of them.
	WhoisRecordConnection = Connection[*threatintel.WhoisRecord]
	// WhoisRecordEdge is one of a page.
	WhoisRecordEdge = Edge[*threatintel.WhoisRecord]
	// WhoisHistoryRecordConnection is a page of them.
	WhoisHistoryRecordConnection = Connection[*threatintel.WhoisHistoryRecord]
	// WhoisHistoryRecordEdge is one of a page.
	WhoisHistoryRecordEdge = Edge[*threatintel.WhoisHistoryRecord]
	// ArticleConnection is a page of them.
	ArticleConnection = Connection[*threatintel.Article]
	// ArticleEdge is one of a page.
	ArticleEdge = Edge[*threatintel.Article]
	// ArticleIndicatorConnection is a page of them.
	ArticleIndicatorConnection = Connection[*threatintel.ArticleIndicator]
	// ArticleIndicatorEdge is one of a page.
	ArticleIndicatorEdge = Edge[*threatintel.ArticleIndicator]
	// IntelligenceProfileConnection is a page of them.
	IntelligenceProfileConnection = Connection[*threatintel.IntelligenceProfile]
	// IntelligenceProfileEdge is one of a page.
	IntelligenceProfileEdge = Edge[*threatintel.IntelligenceProfile]
	// IntelligenceProfileIndicatorConnection is a page of them.
	IntelligenceProfileIndicatorConnection = Connection[*threatintel.IntelligenceProfileIndicator]
	// IntelligenceProfileIndicatorEdge is one of a page.
	IntelligenceProfileIndicatorEdge = Edge[*threatintel.IntelligenceProfileIndicator]
	// VulnerabilityComponentConnection is a page of them.
	VulnerabilityComponentConnection = Connection[*threatintel.VulnerabilityComponent]
	// VulnerabilityComponentEdge is one of a page.
	VulnerabilityComponentEdge = Edge[*threatintel.VulnerabilityComponent]
)

// HostPortFilter holds conditions on ports, all of which must hold. A nil one always holds, an empty list never does.
type HostPortFilter struct {
	Status         []threatintel.HostPortStatus
	Protocol       []threatintel.HostPortProtocol
	Port           []int32
	SeenSince      *threatintel.DateTime
	BannerContains *string
	ComponentName  *string
}
