package plan

import (
	"github.com/vektah/gqlparser/v2/ast"

	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// Target is an entity with what is known of it before it is requested. That of an argument is worked out when the
// argument is read, and shared by the planner and the resolver.
type Target struct {
	ID       string
	Concrete *ast.Definition
	// Endpoint is the type that its endpoint declares; nil where there is no endpoint.
	Endpoint *ast.Definition

	// resource has the path of the entity, and reads its response; nil where there is no endpoint. All requests for the
	// entity have it from here.
	resource resource
}

// targetOf returns what a reference leads to.
func targetOf(declared *ast.Definition, r threatintel.Reference) Target {
	t := Target{ID: r.ID, Concrete: concreteType(declared, r)}
	if declared.Name == "Node" {
		_, t.ID = threatintel.NodeType(r.ID)
	}
	if t.Concrete == nil {
		return t
	}
	if t.Endpoint = endpointType(t.Concrete); t.Endpoint != nil {
		t.resource = entities[t.Endpoint.Name](t.ID)
	}
	return t
}

// Lookup requests only the key of an entity that has an endpoint, to find out whether the entity exists.
func (t *Target) Lookup() msgraph.Lookup {
	return msgraph.Lookup{Path: t.resource.path(), Query: msgraph.Query{Keyless: true}}
}

// Step is the step for the entity, which has an endpoint. links may be nil.
func (t *Target) Step(query msgraph.Query, links loaders.Links) loaders.Step {
	return t.resource.step(query, links)
}

// Decode reads a response for the entity, which has an endpoint, as threatintel does.
func (t *Target) Decode(body []byte) (threatintel.Node, []msgraph.Invalid, error) {
	return t.resource.decode(body, msgraph.Asked{Lookup: t.Lookup()})
}
