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

// resource is one entity as it is requested, whatever is requested of it.
type resource interface {
	path() string
	step(query msgraph.Query, links loaders.Links) loaders.Step
	decode(body []byte, asked msgraph.Asked) (threatintel.Node, []msgraph.Invalid, error)
}

// typed is the resource of an entity of one Go type: its request without a query.
type typed[T threatintel.Node] struct {
	at   string
	read func(body []byte, asked msgraph.Asked) (T, []msgraph.Invalid, error)
}

func (r typed[T]) path() string { return r.at }

func (r typed[T]) step(query msgraph.Query, links loaders.Links) loaders.Step {
	return loaders.Plan(msgraph.Request[T]{Lookup: msgraph.Lookup{Path: r.at, Query: query}, Decode: r.read}, links)
}

func (r typed[T]) decode(body []byte, asked msgraph.Asked) (threatintel.Node, []msgraph.Invalid, error) {
	return r.read(body, asked)
}

// hint predicts, from the id of an entity, the id that its response will refer to; empty where the id does not contain
// it.
type hint = func(id string) string

// hintsOf holds hints by entity type and navigation property.
var hintsOf = map[string]map[string]hint{
	"HostPort": {"host": threatintel.HostOfPort},
}

func row[T threatintel.Node](byID RequestByID[T]) func(id string) resource {
	return func(id string) resource {
		request := byID(id, msgraph.Query{})
		return typed[T]{request.Path, request.Decode}
	}
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

// endpointType returns the type that the endpoint of a concrete type declares: itself, or an interface, such as Host;
// nil where there is no endpoint.
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
