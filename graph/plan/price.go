package plan

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/loaders"
)

// batchSize is how many items Microsoft Graph takes in one batch.
const batchSize = 20

// Price is what an operation costs at most: with every list as long as it may be, and of several types that an entity
// may have, the costliest. It leaves out what only shows later: a wrong hint, a retry, and the check whether an entity
// exists of which nothing was found.
type Price struct {
	// Requests counts what is sent over HTTP, Items the resources and pages in it, Waves how often all wait for responses.
	Requests, Items, Waves int
}

// waves counts items, by the wave that requests them.
type waves []int

// add adds what comes after so many waves, n times.
func (w *waves) add(after, n int, more waves) {
	for i, items := range more {
		for len(*w) <= after+i {
			*w = append(*w, 0)
		}
		(*w)[after+i] = saturating((*w)[after+i] + product(n, items))
	}
}

// most keeps the larger of each wave.
func (w *waves) most(other waves) {
	for i, items := range other {
		if i >= len(*w) {
			*w = append(*w, 0)
		}
		(*w)[i] = max((*w)[i], items)
	}
}

func product(n, items int) int {
	if n > 0 && items > saturating(1<<30)/n {
		return saturating(1 << 30)
	}
	return n * items
}

// price sums the waves up. Up to two items are single requests, more are sent as batches.
func (w waves) price() Price {
	p := Price{Waves: len(w)}
	for _, items := range w {
		p.Items = saturating(p.Items + items)
		p.Requests = saturating(p.Requests + max(min(items, 2), (items+batchSize-1)/batchSize))
	}
	return p
}

// pricer follows where responses may lead, as the planner does once they are there.
type pricer struct {
	planner *Planner
	known   map[estimateKey]waves
}

// operation returns the waves of an operation.
func (z *pricer) operation(r *Reading) (all waves) {
	for _, step := range z.planner.Plan(r) {
		all.add(0, 1, waves{1})
		l := linksOf(step)
		times, next := 1, 1
		if l.page != nil {
			times, next = l.page.First, all.pages(*l.page)
		}
		for i, link := range l.all {
			if l.prediction(i) == "" {
				all.add(next, times, z.link(link))
			}
		}
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

// pages adds the further pages of a list that Portico filters or sorts, one after the other, and returns the wave
// after the last one.
func (w *waves) pages(page Page) (next int) {
	if page.Filter == nil {
		return 1
	}
	for n := 1; n < FilterPages; n++ {
		w.add(n, 1, waves{1})
	}
	return FilterPages
}

// link returns the waves of what a link leads to, from the one that requests its target.
func (z *pricer) link(link Link) (all waves) {
	if len(link.selection.first) == 0 {
		return nil
	}
	key := estimateKey{link.selection.first[0], len(link.selection.more), link.target.Name, link.inline}
	if known, ok := z.known[key]; ok {
		return known
	}
	for _, concrete := range catalog.objects[link.target.Name] {
		all.most(z.target(link, concrete))
	}
	z.known[key] = all
	return all
}

func (z *pricer) target(link Link, concrete *ast.Definition) (all waves) {
	declared := endpointType(concrete)
	if declared == nil {
		return nil
	}
	projection := link.selection.Project(declared, concrete)
	if !link.inline && !projection.IsCarriedBy(link.carries) {
		all.add(0, 1, waves{1})
		for _, next := range projection.Links {
			all.add(1, 1, z.link(next))
		}
	}
	for _, call := range projection.Calls {
		all.add(0, 1, z.call(call))
	}
	return all
}

// call returns the waves of a request below an entity.
func (z *pricer) call(call Call) (all waves) {
	all.add(0, 1, waves{1})
	if call.Connection == nil {
		projection := call.Selection.Project(call.Target, call.Target)
		for _, next := range append(projection.Links, projection.linkToItself(call.Target, nil, call.Selection)...) {
			all.add(1, 1, z.link(next))
		}
		return all
	}
	page, err := call.Page("", z.planner.Sealer)
	if err != nil || page.Empty {
		return nil
	}
	after := all.pages(page)
	for _, next := range page.Links {
		all.add(after, page.First, z.link(next))
	}
	return all
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
		z := pricer{planner: p, known: map[estimateKey]waves{}}
		most.most(z.operation(r))
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
