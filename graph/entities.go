package graph

import (
	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// entity is how one entity type of the schema is fetched by its id.
type entity struct {
	// plan returns the step for the entity; then is called with the answer.
	plan func(id string, query msgraph.Query, then func(answer any) []loaders.Step) loaders.Step
	// concrete names the object type that an id of an interface stands for.
	concrete func(id string) string
	// hints foretell, by navigation property, the id that the answer will refer to.
	hints map[string]func(id string) (string, bool)
}

// entities has one row for each entity type that a request can fetch.
var entities = map[string]entity{
	"Host":           {plan: planned(threatintel.HostByID), concrete: hostType},
	"HostComponent":  {plan: planned(threatintel.HostComponentByID)},
	"HostPort":       {plan: planned(threatintel.HostPortByID), hints: hints{"host": threatintel.HostOfPort}},
	"SslCertificate": {plan: planned(threatintel.SSLCertificateByID)},
}

type hints = map[string]func(id string) (string, bool)

func hostType(id string) string {
	if threatintel.IsAddress(id) {
		return "IpAddress"
	}
	return "Hostname"
}

func planned[T any](
	byID func(string, msgraph.Query) msgraph.Request[T],
) func(string, msgraph.Query, func(any) []loaders.Step) loaders.Step {
	return func(id string, query msgraph.Query, then func(any) []loaders.Step) loaders.Step {
		if then == nil {
			return loaders.Plan(byID(id, query), nil)
		}
		return loaders.Plan(byID(id, query), func(answer T) []loaders.Step { return then(answer) })
	}
}
