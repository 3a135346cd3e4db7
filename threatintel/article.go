package threatintel

import (
	"regexp"

	"portico/msgraph"
)

func init() {
	register(kind{named: "Article", ids: []form{plain(regexp.MustCompile(`^[0-9a-f]{8}$`))}})
	register(kind{named: "ArticleIndicator", ids: []form{
		func(text string, decoded bool) bool { return decoded && host(text) },
		coded(regexp.MustCompile(`^([0-9a-f]{32}|[0-9a-f]{64})$`)), // of a file, by its hash
	}, wide: true})
}

// Article is a report on a threat.
// https://learn.microsoft.com/graph/api/resources/security-article
type Article struct {
	ID                  string            `json:"id"`
	Title               *string           `json:"title"`
	Summary             *FormattedContent `json:"summary"`
	Body                *FormattedContent `json:"body"`
	ImageURL            *string           `json:"imageUrl"`
	IsFeatured          *bool             `json:"isFeatured"`
	Tags                []*string         `json:"tags"`
	CreatedDateTime     DateTime          `json:"createdDateTime"`
	LastUpdatedDateTime DateTime          `json:"lastUpdatedDateTime"`
}

// NodeID implements Node.
func (a *Article) NodeID() string { return nodeID("Article", a.ID) }

// FormattedContent is text with the language that it is marked up in.
// https://learn.microsoft.com/graph/api/resources/security-formattedcontent
type FormattedContent struct {
	Content *string       `json:"content"`
	Format  ContentFormat `json:"format"`
}

// Indicator is an *ArticleIndicator or an *IntelligenceProfileIndicator. Microsoft Graph's type is abstract.
// https://learn.microsoft.com/graph/api/resources/security-indicator
type Indicator interface {
	Node
	IsIndicator()
}

// ArticleIndicator is a sign of the threat that an article is about.
// https://learn.microsoft.com/graph/api/resources/security-articleindicator
type ArticleIndicator struct {
	ID                string          `json:"id"`
	Source            IndicatorSource `json:"source"`
	ArtifactReference *Reference      `json:"artifact"`
}

// IsIndicator marks an ArticleIndicator as an Indicator.
func (*ArticleIndicator) IsIndicator() {}

// NodeID implements Node.
func (a *ArticleIndicator) NodeID() string { return nodeID("ArticleIndicator", a.ID) }

// ArticleByID is the request for one article. It takes $select.
// https://learn.microsoft.com/graph/api/security-article-get
func ArticleByID(id string, query msgraph.Query) msgraph.Request[*Article] {
	return byID[Article]("articles", id, query)
}

// ArticleIndicatorByID is the request for one indicator of an article. It takes $select.
// https://learn.microsoft.com/graph/api/security-articleindicator-get
func ArticleIndicatorByID(id string, query msgraph.Query) msgraph.Request[*ArticleIndicator] {
	return byID[ArticleIndicator]("articleIndicators", id, query)
}

// ArticleIndicatorsOf is the request for the indicators of an article. It takes $select, $count, $top and $skip.
// https://learn.microsoft.com/graph/api/security-article-list-indicators
func ArticleIndicatorsOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*ArticleIndicator]] {
	return listOf[ArticleIndicator]("articles", id, "indicators", query)
}

// Articles is the request for the articles. It takes $select, $search, $count, $top and $skip.
// https://learn.microsoft.com/graph/api/security-threatintelligence-list-articles
func Articles(query msgraph.Query) msgraph.Request[*msgraph.List[*Article]] {
	return all[Article]("articles", query)
}
