package plan

import (
	"github.com/vektah/gqlparser/v2/ast"

	"portico/msgraph"
	"portico/threatintel"
)

// Target is an entity with what is known of it before it is requested.
type Target struct {
	ID       string
	Concrete *ast.Definition
	// Endpoint is the type that its endpoint declares; nil where there is no endpoint.
	Endpoint *ast.Definition
}

// Target returns what a reference leads to, and what the selection requests of it.
func (s Selection) Target(declared *ast.Definition, r threatintel.Reference) (Target, Projection) {
	t := Target{ID: r.ID, Concrete: concreteType(declared, r)}
	if declared.Name == "Node" {
		_, t.ID = threatintel.NodeType(r.ID)
	}
	if t.Concrete == nil {
		return t, Projection{}
	}
	t.Endpoint = endpointType(t.Concrete)
	if t.Endpoint == nil {
		return t, s.Project(t.Concrete, t.Concrete)
	}
	return t, s.Project(t.Endpoint, t.Concrete)
}

// Lookup requests only the key of an entity that has an endpoint, to find out whether the entity exists.
func (t Target) Lookup() msgraph.Lookup {
	return entities[t.Endpoint.Name].request(t.ID, msgraph.Query{}).Lookup
}

// PathBelow is the path of a request below an owner.
func (c Call) PathBelow(ownerID string) string {
	return requests[c.Owner+"."+c.Name](ownerID, msgraph.Query{}, nil).Lookup.Path
}
