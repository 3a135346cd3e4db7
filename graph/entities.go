package graph

import (
	"github.com/vektah/gqlparser/v2/ast"

	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// planFunc returns the step for what an id leads to; then is called with the answer, and may be nil.
type planFunc = func(id string, query msgraph.Query, then func(answer any) []loaders.Step) loaders.Step

// entity is how one entity type of the schema is fetched by its id.
type entity struct {
	plan  planFunc
	fetch func(id string, query msgraph.Query) msgraph.Request[threatintel.Node]
	// hints foretell, by navigation property, the id that the answer will refer to.
	hints hints
}

type hints = map[string]func(id string) (string, bool)

// entities has one row for each entity type that has an endpoint by id. Those of an interface answer all its types.
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

// owned has one row for each request that lives below an entity, or at the root without an id.
var owned = map[string]planFunc{
	"Article.indicators":             planned(threatintel.ArticleIndicatorsOf),
	"Host.childHostPairs":            planned(threatintel.ChildHostPairsOf),
	"Host.components":                planned(threatintel.ComponentsOf),
	"Host.cookies":                   planned(threatintel.CookiesOf),
	"Host.hostPairs":                 planned(threatintel.HostPairsOf),
	"Host.parentHostPairs":           planned(threatintel.ParentHostPairsOf),
	"Host.passiveDns":                planned(threatintel.PassiveDNSOf),
	"Host.passiveDnsReverse":         planned(threatintel.PassiveDNSReverseOf),
	"Host.ports":                     planned(threatintel.PortsOf),
	"Host.reputation":                planned(threatintel.ReputationOf),
	"Host.sslCertificates":           planned(threatintel.HostSSLCertificatesOf),
	"Host.subdomains":                planned(threatintel.SubdomainsOf),
	"Host.trackers":                  planned(threatintel.TrackersOf),
	"Host.whois":                     planned(threatintel.WhoisOf),
	"IntelligenceProfile.indicators": planned(threatintel.IntelligenceProfileIndicatorsOf),
	"Query.articles":                 planned(atRoot(threatintel.Articles)),
	"Query.intelligenceProfiles":     planned(atRoot(threatintel.IntelligenceProfiles)),
	"Query.sslCertificates":          planned(atRoot(threatintel.SSLCertificates)),
	"Query.whoisRecords":             planned(atRoot(threatintel.WhoisRecords)),
	"SslCertificate.relatedHosts":    planned(threatintel.RelatedHostsOf),
	"Vulnerability.articles":         planned(threatintel.VulnerabilityArticlesOf),
	"Vulnerability.components":       planned(threatintel.VulnerabilityComponentsOf),
	"WhoisRecord.history":            planned(threatintel.WhoisHistoryOf),
}

func row[T threatintel.Node](byID requestByID[T]) entity {
	return entity{
		plan: planned(byID),
		fetch: func(id string, query msgraph.Query) msgraph.Request[threatintel.Node] {
			request := byID(id, query)
			return msgraph.Request[threatintel.Node]{Lookup: request.Lookup, Decode: asNode(request.Decode)}
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

func planned[T any](request requestByID[T]) planFunc {
	return func(id string, query msgraph.Query, then func(any) []loaders.Step) loaders.Step {
		if then == nil {
			return loaders.Plan(request(id, query), nil)
		}
		return loaders.Plan(request(id, query), func(answer T) []loaders.Step { return then(answer) })
	}
}

func atRoot[T any](request func(msgraph.Query) msgraph.Request[T]) requestByID[T] {
	return func(_ string, query msgraph.Query) msgraph.Request[T] { return request(query) }
}

// concrete returns the object type of what a reference leads to, where the declared type may be an interface; nil where
// nothing tells it.
func concrete(declared *ast.Definition, r threatintel.Reference) *ast.Definition {
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
	if def := facts.schema.Types[name]; def != nil && def.Kind == ast.Object {
		return def
	}
	return nil
}

// endpoint returns the type that the endpoint of a concrete type declares: itself, or an interface, such as Host; nil
// where there is no endpoint.
func endpoint(concrete *ast.Definition) *ast.Definition {
	if _, direct := entities[concrete.Name]; direct {
		return concrete
	}
	for _, wider := range facts.schema.GetImplements(concrete) {
		if _, direct := entities[wider.Name]; direct {
			return wider
		}
	}
	return nil
}
