package plan

import (
	"github.com/vektah/gqlparser/v2/ast"

	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// RequestByID is a function of threatintel that returns the request for what an id leads to.
type RequestByID[T any] = func(id string, query msgraph.Query) msgraph.Request[T]

// newStep returns the step for what an id leads to. links may be nil.
type newStep = func(id string, query msgraph.Query, links loaders.Links) loaders.Step

// entity is how one entity type of the schema is fetched by its id.
type entity struct {
	step    newStep
	request RequestByID[threatintel.Node]
	// hints predict, by navigation property, the id that the response will refer to.
	hints hints
}

type hints = map[string]func(id string) (string, bool)

// entities has one row for each entity type that has an endpoint by id. Those of an interface return all its types.
var entities = map[string]entity{
	"Article":                      row(threatintel.ArticleByID),
	"ArticleIndicator":             row(threatintel.ArticleIndicatorByID),
	"Host":                         row(threatintel.HostByID),
	"HostComponent":                row(threatintel.HostComponentByID),
	"HostCookie":                   row(threatintel.HostCookieByID),
	"HostPair":                     row(threatintel.HostPairByID),
	"HostPort":                     row(threatintel.HostPortByID).hinted(hints{"host": threatintel.HostOfPort}),
	"HostSslCertificate":           row(threatintel.HostSSLCertificateByID),
	"HostTracker":                  row(threatintel.HostTrackerByID),
	"IntelligenceProfile":          row(threatintel.IntelligenceProfileByID),
	"IntelligenceProfileIndicator": row(threatintel.IntelligenceProfileIndicatorByID),
	"PassiveDnsRecord":             row(threatintel.PassiveDNSRecordByID),
	"SslCertificate":               row(threatintel.SSLCertificateByID),
	"Subdomain":                    row(threatintel.SubdomainByID),
	"Vulnerability":                row(threatintel.VulnerabilityByID),
	"VulnerabilityComponent":       row(threatintel.VulnerabilityComponentByID),
	"WhoisHistoryRecord":           row(threatintel.WhoisHistoryRecordByID),
	"WhoisRecord":                  row(threatintel.WhoisRecordByID),
}

// requests has one row for each request that is below an entity, or at the root without an id.
var requests = map[string]newStep{
	"Article.indicators":             stepOf(threatintel.ArticleIndicatorsOf),
	"Host.childHostPairs":            stepOf(threatintel.ChildHostPairsOf),
	"Host.components":                stepOf(threatintel.ComponentsOf),
	"Host.cookies":                   stepOf(threatintel.CookiesOf),
	"Host.hostPairs":                 stepOf(threatintel.HostPairsOf),
	"Host.parentHostPairs":           stepOf(threatintel.ParentHostPairsOf),
	"Host.passiveDns":                stepOf(threatintel.PassiveDNSOf),
	"Host.passiveDnsReverse":         stepOf(threatintel.PassiveDNSReverseOf),
	"Host.ports":                     stepOf(threatintel.PortsOf),
	"Host.reputation":                stepOf(threatintel.ReputationOf),
	"Host.sslCertificates":           stepOf(threatintel.HostSSLCertificatesOf),
	"Host.subdomains":                stepOf(threatintel.SubdomainsOf),
	"Host.trackers":                  stepOf(threatintel.TrackersOf),
	"Host.whois":                     stepOf(threatintel.WhoisOf),
	"IntelligenceProfile.indicators": stepOf(threatintel.IntelligenceProfileIndicatorsOf),
	"Query.articles":                 stepOf(AtRoot(threatintel.Articles)),
	"Query.intelligenceProfiles":     stepOf(AtRoot(threatintel.IntelligenceProfiles)),
	"Query.sslCertificates":          stepOf(AtRoot(threatintel.SSLCertificates)),
	"Query.whoisRecords":             stepOf(AtRoot(threatintel.WhoisRecords)),
	"SslCertificate.relatedHosts":    stepOf(threatintel.RelatedHostsOf),
	"Vulnerability.articles":         stepOf(threatintel.VulnerabilityArticlesOf),
	"Vulnerability.components":       stepOf(threatintel.VulnerabilityComponentsOf),
	"WhoisRecord.history":            stepOf(threatintel.WhoisHistoryOf),
}

func row[T threatintel.Node](byID RequestByID[T]) entity {
	return entity{
		step: stepOf(byID),
		request: func(id string, query msgraph.Query) msgraph.Request[threatintel.Node] {
			typed := byID(id, query)
			return msgraph.Request[threatintel.Node]{Lookup: typed.Lookup, Decode: asNode(typed.Decode)}
		},
	}
}

func asNode[T threatintel.Node](
	decode func([]byte) (T, []msgraph.Invalid, error),
) func([]byte) (threatintel.Node, []msgraph.Invalid, error) {
	return func(body []byte) (threatintel.Node, []msgraph.Invalid, error) {
		value, invalid, err := decode(body)
		return value, invalid, err
	}
}

func (e entity) hinted(h hints) entity {
	e.hints = h
	return e
}

func stepOf[T any](byID RequestByID[T]) newStep {
	return func(id string, query msgraph.Query, links loaders.Links) loaders.Step {
		return loaders.Plan(byID(id, query), links)
	}
}

// AtRoot makes the function for a list at the root one of the same form as all others.
func AtRoot[T any](request func(msgraph.Query) msgraph.Request[T]) RequestByID[T] {
	return func(_ string, query msgraph.Query) msgraph.Request[T] { return request(query) }
}

// NodeByID is the request for whatever entity an id names. An id that has no type has no request, and is refused.
func NodeByID(id string, query msgraph.Query) msgraph.Request[threatintel.Node] {
	named, key := threatintel.NodeType(id)
	if named == "" {
		return msgraph.Request[threatintel.Node]{}
	}
	return EntityByID(named, key, query)
}

// EntityByID is the request for an entity of a concrete type that has an endpoint.
func EntityByID(named, id string, query msgraph.Query) msgraph.Request[threatintel.Node] {
	return entities[endpointType(Schema.Types[named]).Name].request(id, query)
}

// concreteType returns the object type of what a reference leads to, where the declared type may be an interface; nil
// where nothing says which.
func concreteType(declared *ast.Definition, r threatintel.Reference) *ast.Definition {
	name := declared.Name
	switch {
	case declared.Kind != ast.Interface:
		return declared
	case name == "Host":
		name = threatintel.HostType(r.ID)
	case name == "Artifact":
		name = threatintel.ArtifactType(r)
	default:
		name, _ = threatintel.NodeType(r.ID)
	}
	if def := Schema.Types[name]; def != nil && def.Kind == ast.Object {
		return def
	}
	return nil
}

// endpointType returns the type that the endpoint of a concrete type declares: itself, or an interface, such as Host; nil
// where there is no endpoint.
func endpointType(concrete *ast.Definition) *ast.Definition {
	if _, direct := entities[concrete.Name]; direct {
		return concrete
	}
	for _, wider := range Schema.GetImplements(concrete) {
		if _, direct := entities[wider.Name]; direct {
			return wider
		}
	}
	return nil
}
