package threatintel

import (
	"regexp"

	"portico/msgraph"
)

func init() {
	register(kind{named: "IntelligenceProfile", ids: []form{plain(regexp.MustCompile(`^[0-9a-f]{64}$`))}})
	register(kind{named: "IntelligenceProfileIndicator", ids: []form{
		plain(regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)),
	}})
}

// IntelligenceProfile is what is known of an actor or of a tool.
// https://learn.microsoft.com/graph/api/resources/security-intelligenceprofile
type IntelligenceProfile struct {
	ID                         string                                        `json:"id"`
	Kind                       IntelligenceProfileKind                       `json:"kind"`
	Title                      *string                                       `json:"title"`
	Aliases                    []*string                                     `json:"aliases"`
	FirstActiveDateTime        DateTime                                      `json:"firstActiveDateTime"`
	CountriesOrRegionsOfOrigin []*IntelligenceProfileCountryOrRegionOfOrigin `json:"countriesOrRegionsOfOrigin"`
	Targets                    []*string                                     `json:"targets"`
	Summary                    *FormattedContent                             `json:"summary"`
	Description                *FormattedContent                             `json:"description"`
	Tradecraft                 *FormattedContent                             `json:"tradecraft"`
}

// NodeID implements Node.
func (i *IntelligenceProfile) NodeID() string { return nodeID("IntelligenceProfile", i.ID) }

// IntelligenceProfileCountryOrRegionOfOrigin is a country or region that an actor is thought to be from.
// https://learn.microsoft.com/graph/api/resources/security-intelligenceprofilecountryorregionoforigin
type IntelligenceProfileCountryOrRegionOfOrigin struct {
	Code  *string `json:"code"`
	Label *string `json:"label"`
}

// IntelligenceProfileIndicator is a sign of the actor or the tool that a profile is about.
// https://learn.microsoft.com/graph/api/resources/security-intelligenceprofileindicator
type IntelligenceProfileIndicator struct {
	ID                string          `json:"id"`
	Source            IndicatorSource `json:"source"`
	ArtifactReference *Reference      `json:"artifact"`
	FirstSeenDateTime DateTime        `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime        `json:"lastSeenDateTime"`
}

// IsIndicator marks an IntelligenceProfileIndicator as an Indicator.
func (*IntelligenceProfileIndicator) IsIndicator() {}

// NodeID implements Node.
func (i *IntelligenceProfileIndicator) NodeID() string {
	return nodeID("IntelligenceProfileIndicator", i.ID)
}

// IntelligenceProfileByID is the request for one intelligence profile. It takes $select.
// https://learn.microsoft.com/graph/api/security-intelligenceprofile-get
func IntelligenceProfileByID(id string, query msgraph.Query) msgraph.Request[*IntelligenceProfile] {
	return byID[IntelligenceProfile]("intelProfiles", id, query)
}

// IntelligenceProfileIndicatorByID is the request for one indicator of a profile. It takes $select.
// https://learn.microsoft.com/graph/api/security-intelligenceprofileindicator-get
func IntelligenceProfileIndicatorByID(id string, query msgraph.Query) msgraph.Request[*IntelligenceProfileIndicator] {
	return byID[IntelligenceProfileIndicator]("intelligenceProfileIndicators", id, query)
}

// IntelligenceProfileIndicatorsOf is the request for the indicators of a profile. It takes $select, $count, $top and
// $skip.
// https://learn.microsoft.com/graph/api/security-intelligenceprofile-list-indicators
func IntelligenceProfileIndicatorsOf(
	id string, query msgraph.Query,
) msgraph.Request[*msgraph.List[*IntelligenceProfileIndicator]] {
	return listOf[IntelligenceProfileIndicator]("intelProfiles", id, "indicators", query)
}

// IntelligenceProfiles is the request for the intelligence profiles. It takes $select, $search, $filter of the kind,
// $orderby of the title, $count, $top and $skip.
// https://learn.microsoft.com/graph/api/security-threatintelligence-list-intelprofiles
func IntelligenceProfiles(query msgraph.Query) msgraph.Request[*msgraph.List[*IntelligenceProfile]] {
	return all[IntelligenceProfile]("intelProfiles", query)
}
