package plan

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/loaders"
	"portico/msgraph"
)

// Price is what an operation costs at most: with every list as long as it may be, and of several types that an entity
// may have, the costliest. It leaves out what only shows later: a wrong hint, a retry, and the check whether an entity
// exists of which nothing was found.
type Price struct {
	// Requests counts what is sent over HTTP, Items the resources and pages in it, Waves how often all wait for responses.
	Requests, Items, Waves int
}

// price sums the waves up. Up to two items are single requests, more are sent as batches.
func (w waves) price() Price {
	p := Price{Waves: len(w), Items: w.items()}
	for _, items := range w {
		p.Requests = saturating(p.Requests + max(min(items, 2), (items+msgraph.MaxBatch-1)/msgraph.MaxBatch))
	}
	return p
}

// operation returns the waves of an operation.
func (e *estimator) operation(r *Reading) (all waves) {
	for _, step := range e.planner.Plan(r) {
		all.add(0, 1, e.step(linksOf(step)))
	}
	return all
}

// linksOf returns the links of a step, none where it leads nowhere.
func linksOf(step loaders.Step) *links {
	switch l := step.Links.(type) {
	case *links:
		return l
	case *filteredPages:
		return l.links
	}
	return &links{}
}

// Price returns what an operation costs at most, whatever its variables: with as many ids as are allowed in a list,
// pages of the greatest length, and no condition that leaves anything out. doc has to be valid, and is changed: take
// one that nobody else uses. A fragment under @defer counts as if all were requested again for it. The error is that
// of an operation that cannot be executed with any variables.
func (p *Planner) Price(doc *ast.QueryDocument, op *ast.OperationDefinition, maxIDs int) (Price, error) {
	deferred := unconditional(doc)
	var all waves
	for _, field := range rootFields(doc, op.SelectionSet, nil) {
		most, err := p.priceOfRoot(doc, op, field, maxIDs)
		if err != nil {
			return Price{}, err
		}
		all.add(0, 1, most)
	}
	once := append(waves(nil), all...)
	for range deferred {
		all.add(len(all), 1, once)
	}
	return all.price(), nil
}

// priceOfRoot prices the fields of the root under one name by the costliest of the types that their ids may be of.
func (p *Planner) priceOfRoot(
	doc *ast.QueryDocument, op *ast.OperationDefinition, fields ast.SelectionSet, maxIDs int,
) (most waves, err error) {
	alone := *op
	alone.SelectionSet = fields
	priced := false
	for _, name := range namesOfIDs() {
		values, refused := Input.Variables(&alone, worst{name, maxIDs}.variables(op))
		if refused != nil {
			err = refused
			continue
		}
		r, unread := Read(doc, &alone, values, Bounds{IDs: maxIDs})
		if unread != nil {
			err = unread
			continue
		}
		most.most(newEstimator(p).operation(r))
		priced = true
	}
	if priced {
		err = nil
	}
	return most, err
}

// namesOfIDs are the types by which ids are prefixed, and none.
func namesOfIDs() []string {
	names := []string{""}
	for name := range entities {
		for _, concrete := range catalog.objects[name] {
			names = append(names, concrete.Name)
		}
	}
	return names
}

// rootFields groups the fields of the root by their names in the response, fragments entered.
func rootFields(doc *ast.QueryDocument, set ast.SelectionSet, all []ast.SelectionSet) []ast.SelectionSet {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			all = grouping(all, s)
		case *ast.InlineFragment:
			all = rootFields(doc, s.SelectionSet, all)
		case *ast.FragmentSpread:
			all = rootFields(doc, doc.Fragments.ForName(s.Name).SelectionSet, all)
		}
	}
	return all
}

func grouping(all []ast.SelectionSet, f *ast.Field) []ast.SelectionSet {
	for i, group := range all {
		if group[0].(*ast.Field).Alias == f.Alias {
			all[i] = append(group, f)
			return all
		}
	}
	return append(all, ast.SelectionSet{f})
}

// worst makes values for variables with which an operation costs most.
type worst struct {
	prefix string // the type of the ids
	maxIDs int
}

// variables returns values for those variables that need one, or whose value changes the cost.
func (w worst) variables(op *ast.OperationDefinition) map[string]any {
	values := map[string]any{}
	for _, v := range op.VariableDefinitions {
		named := v.Type.Name()
		if v.Type.NonNull && v.DefaultValue == nil || named == "ID" || named == "Int" {
			values[v.Variable] = w.value(v.Type, 0)
		}
	}
	return values
}

// value returns the nth value of a type.
func (w worst) value(of *ast.Type, n int) any {
	if of.Elem != nil {
		length := 1
		if named := of.Name(); named == "ID" || named == "_Any" {
			length = w.maxIDs
		}
		list := make([]any, length)
		for i := range list {
			list[i] = w.value(of.Elem, i)
		}
		return list
	}
	def := Schema.Types[of.NamedType]
	switch def.Kind {
	case ast.Enum:
		return def.EnumValues[0].Name
	case ast.InputObject:
		return w.object(def)
	}
	return w.scalar(of.NamedType, n)
}

func (w worst) object(def *ast.Definition) map[string]any {
	object := map[string]any{}
	for _, f := range def.Fields {
		if f.Type.NonNull && f.DefaultValue == nil {
			object[f.Name] = w.value(f.Type, 0)
		}
	}
	return object
}

func (w worst) scalar(name string, n int) any {
	id := fmt.Sprintf("10.%d.%d.%d", n>>16&0xFF, n>>8&0xFF, n&0xFF) // an address may be the id of any entity
	switch name {
	case "ID":
		if w.prefix != "" {
			id = w.prefix + ":" + id
		}
		return id
	case "_Any":
		return map[string]any{"__typename": w.prefix, "id": id}
	case "Int", "Float":
		return number(maxFirst)
	case "Boolean":
		return true
	case "DateTime":
		return "2000-01-01T00:00:00Z"
	}
	return "x"
}
