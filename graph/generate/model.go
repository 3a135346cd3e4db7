package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// A model is what the schema says about entities.
type model struct {
	schema *ast.Schema
}

func readModel(file string) (*model, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: file, Input: string(text)})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return &model{schema}, nil
}

// endpoints returns the types that a field of Query returns by an id: object types, and interfaces such as Host, whose
// endpoint returns all its types.
func (m *model) endpoints() []string {
	var names []string
	for _, f := range m.schema.Query.Fields {
		name := f.Type.Name()
		if f.Arguments.ForName("id") != nil && name != "Node" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// keyed returns the object types that other subgraphs can refer to: those with an endpoint, of their own or of an
// interface.
func (m *model) keyed() []string {
	var names []string
	for _, name := range m.endpoints() {
		for _, def := range m.schema.GetPossibleTypes(m.schema.Types[name]) {
			names = append(names, def.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// A request is a field with a request of its own.
type request struct{ owner, field string }

func (r request) String() string { return r.owner + "." + r.field }

// requests returns the lists and single entities below an entity, and the lists of whole sets. A field that a type has
// from an interface counts for the interface.
func (m *model) requests() []request {
	var all []request
	for _, name := range slices.Sorted(maps.Keys(m.schema.Types)) {
		def := m.schema.Types[name]
		for _, f := range def.Fields {
			isRequest := f.Directives.ForName("request") != nil
			if def == m.schema.Query {
				isRequest = m.node(f.Type.Name()) != ""
			}
			if isRequest && m.owner(name, f.Name) == name {
				all = append(all, request{name, f.Name})
			}
		}
	}
	return all
}

// owner returns the interface that a type has a field from, or the type itself.
func (m *model) owner(typeName, field string) string {
	for _, name := range m.schema.Types[typeName].Interfaces {
		if m.schema.Types[name].Fields.ForName(field) != nil && m.isEndpoint(name) {
			return name
		}
	}
	return typeName
}

func (m *model) isEndpoint(name string) bool { return slices.Contains(m.endpoints(), name) }

// connections returns the types of the nodes of all connections.
func (m *model) connections() []string {
	var names []string
	for name := range m.schema.Types {
		if node := m.node(name); node != "" {
			names = append(names, node)
		}
	}
	slices.Sort(names)
	return names
}

// objects returns the object types: all of the schema but Query, and what every subgraph has. Introspection is never
// deferred.
func (m *model) objects() []string {
	names := []string{"_Service"}
	for name, def := range m.schema.Types {
		if def.Kind == ast.Object && def != m.schema.Query && !def.BuiltIn {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// node returns the type of the nodes of a connection, or "" for another type.
func (m *model) node(name string) string {
	node, ok := strings.CutSuffix(name, "Connection")
	if !ok || m.schema.Types[name].Kind != ast.Object {
		return ""
	}
	return node
}
