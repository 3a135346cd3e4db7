package graph

import (
	"context"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/model"
	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// requestByID is a function of threatintel that returns the request for what an id leads to.
type requestByID[T any] = func(id string, query msgraph.Query) msgraph.Request[T]

// byID answers the field that is being resolved with the entity of its id.
func byID[T any](ctx context.Context, request requestByID[T]) (T, error) {
	s, asks := resolving(ctx)
	e, err := s.seek(asks.target, asks.ids[0])
	if err != nil {
		var none T
		return none, err
	}
	return one(ctx, e, request, asks.ids[0].id, func(path []string) []ast.Path { return s.inner(asks.target, path) })
}

// one gets an entity by the id that its request takes. place translates paths of its properties into those of the response.
func one[T any](ctx context.Context, e sought, request requestByID[T], id string, place func([]string) []ast.Path) (T, error) {
	wanted := request(id, e.needed.query)
	if !e.own {
		return bare(ctx, e, wanted, place)
	}
	value, invalid, err := loaders.Get(ctx, wanted)
	tell(ctx, invalid, place)
	return value, err
}

// byIDs answers a list in the order of the field's ids. What is not known is null, what failed is null and one error.
func byIDs[T any](ctx context.Context, request requestByID[T]) []T {
	s, asks := resolving(ctx)
	return many(ctx, s, asks, request, func(i int, path []string) []ast.Path {
		return prefixed(ast.PathIndex(i), s.inner(asks.target, path))
	})
}

// many gets the entities of a field's ids. place translates paths of the properties of each into those of the response.
func many[T any](ctx context.Context, s selection, asks asked, request requestByID[T], place func(int, []string) []ast.Path) []T {
	all, seeks, errs := make([]T, len(asks.ids)), make([]sought, len(asks.ids)), make([]error, len(asks.ids))
	for i, k := range asks.ids {
		seeks[i], errs[i] = s.seek(asks.target, k)
	}
	operationOf(ctx).settle(ctx, seeks)
	for i, e := range seeks {
		at := func(path []string) []ast.Path { return place(i, path) }
		if errs[i] == nil {
			all[i], errs[i] = one(ctx, e, request, asks.ids[i].id, at)
		}
		if errs[i] != nil {
			addErrors(ctx, at(nil), errs[i])
		}
	}
	return all
}

// node answers with the entity of an id whose type the id tells.
func node(ctx context.Context) (threatintel.Node, error) {
	return byID(ctx, nodeByID)
}

// nodeByID is the request for whatever entity an id names; an id that tells no type has no request, and is refused.
func nodeByID(id string, query msgraph.Query) msgraph.Request[threatintel.Node] {
	named, key := threatintel.NodeType(id)
	if named == "" {
		return msgraph.Request[threatintel.Node]{}
	}
	return entities[endpoint(facts.schema.Types[named]).Name].fetch(key, query)
}

// reference answers a navigation property: with what is held, if no more is asked of the target, else with the target
// itself. An id that Microsoft Graph refers to and does not know leaves what is held, unless lists and other requests below
// the target are asked for: what is not known has none. What has no id is not there.
func reference[T comparable](ctx context.Context, request requestByID[T], r threatintel.Reference, held T) (T, error) {
	s, asks := resolving(ctx)
	return referenceIn(ctx, s, asks, request, r, held)
}

// certificate answers a certificate that came whole with what refers to it. Should it have come as a reference all the
// same, it is asked for by its id.
func certificate(ctx context.Context, held *threatintel.SSLCertificate) (*threatintel.SSLCertificate, error) {
	s, asks := resolving(ctx)
	if held == nil || (held.ID != "" && !held.IsReference()) {
		return held, nil
	}
	alone := *asks.field // the catalog's is everybody's
	alone.carries, asks.field = "", &alone
	return referenceIn(ctx, s, asks, threatintel.SSLCertificateByID, threatintel.Reference{ID: held.ID}, held)
}

func referenceIn[T comparable](
	ctx context.Context, s selection, asks asked, request requestByID[T], r threatintel.Reference, held T,
) (T, error) {
	var none T
	if r.ID == "" {
		return none, nil
	}
	later(ctx)
	t, needed := s.target(asks.target, r)
	if t.endpoint == nil {
		return held, nil
	}
	place := func(path []string) []ast.Path { return s.inner(t.concrete, path) }
	e := sought{t, needed, !needed.isCarriedBy(asks.carries)}
	if !e.own {
		return ifExists(ctx, e, held, place)
	}
	found, invalid, err := loaders.Get(ctx, request(t.id, needed.query))
	tell(ctx, invalid, place)
	if err == nil && found == none && len(needed.owned) > 0 {
		return none, nil
	}
	if err != nil || found == none {
		return held, err
	}
	return found, nil
}

// artifact answers a navigation property whose target may be of many types.
func artifact(ctx context.Context, r *threatintel.Reference) (threatintel.Artifact, error) {
	if r.Key() == "" {
		return nil, nil
	}
	fetch := func(id string, query msgraph.Query) msgraph.Request[threatintel.Artifact] {
		on := facts.schema.Types[threatintel.ArtifactType(*r)]
		request := entities[endpoint(on).Name].fetch(id, query)
		return msgraph.Request[threatintel.Artifact]{Lookup: request.Lookup, Decode: asArtifact(request.Decode)}
	}
	return reference(ctx, fetch, *r, threatintel.ArtifactOf(r))
}

func asArtifact(
	decode func([]byte) (threatintel.Node, []msgraph.Invalid, error),
) func([]byte) (threatintel.Artifact, []msgraph.Invalid, error) {
	return func(body []byte) (threatintel.Artifact, []msgraph.Invalid, error) {
		node, invalid, err := decode(body)
		found, _ := node.(threatintel.Artifact)
		return found, invalid, err
	}
}

// below answers a request that lives below an entity and is one entity itself.
func below[T any](ctx context.Context, request requestByID[T], ownerID string) (T, error) {
	s, asks := resolving(ctx)
	later(ctx)
	needed := s.project(asks.target, asks.target)
	value, invalid, err := loaders.Get(ctx, request(ownerID, needed.query))
	tell(ctx, invalid, func(path []string) []ast.Path { return s.responsePaths(asks.target, path) })
	return value, err
}

// list answers a page of a list that lives below an entity, or at the root.
func list[T any](ctx context.Context, request requestByID[*msgraph.List[T]], ownerID string) (*model.Connection[T], error) {
	l, err := listingOf(ctx, ownerID)
	if err != nil {
		return nil, err
	}
	return listed(ctx, l, request, ownerID)
}

// listed answers the page that a listing asks for.
func listed[T any](
	ctx context.Context, l listing, request requestByID[*msgraph.List[T]], ownerID string,
) (*model.Connection[T], error) {
	if l.empty {
		return connect(ctx, l, &msgraph.List[T]{Count: new(int64)}), nil
	}
	wanted := request(ownerID, l.query)
	l.path = wanted.Path
	page, err := loadPage(ctx, l, wanted)
	if err != nil {
		return nil, err
	}
	if page == nil { // Microsoft Graph does not know the list
		return nil, nil
	}
	return connect(ctx, l, page), nil
}

// ports answers the ports of a host, filtered and sorted by Portico if that is asked for.
func ports(ctx context.Context, hostID string) (*model.HostPortConnection, error) {
	l, err := listingOf(ctx, hostID)
	switch {
	case err != nil:
		return nil, err
	case l.sifted && !l.empty:
		return sifted(ctx, l, hostID)
	}
	return listed(ctx, l, threatintel.PortsOf, hostID)
}

// hosts answers a list that tells no more of each host than its id.
func hosts(ctx context.Context, request requestByID[*msgraph.List[threatintel.Host]], ownerID string) (*model.HostConnection, error) {
	l, err := listingOf(ctx, ownerID)
	if err != nil {
		return nil, err
	}
	c, err := listed(ctx, l, request, ownerID)
	if c == nil || err != nil {
		return nil, err
	}
	c.Nodes = slices.Clone(c.Nodes) // the answer is the loader's, and others read it
	seeks := make([]sought, len(c.Nodes))
	for i, known := range c.Nodes {
		seeks[i] = l.seekHost(known)
	}
	operationOf(ctx).settle(ctx, seeks)
	for i, known := range c.Nodes {
		place := func(path []string) []ast.Path {
			return l.paths(append([]string{"value", strconv.Itoa(i + l.after.Drop)}, path...))
		}
		found, failed := host(ctx, seeks[i], known, place)
		if failed != nil {
			addErrors(ctx, place(nil), failed)
		}
		c.Nodes[i] = found
	}
	for i, edge := range c.Edges {
		edge.Node = c.Nodes[i]
	}
	return c, nil
}

// seekHost reads what is asked of a host in a list that tells no more of it than its id.
func (l listing) seekHost(known threatintel.Host) (e sought) {
	for _, r := range threatintel.References(known) {
		e.target, e.needed = l.nodes.target(facts.schema.Types["Host"], r)
		e.own = !e.needed.isCarriedBy("")
	}
	return e
}

// host is a host of which the id is known, with what is asked of the nodes of a list. place translates paths of the host's
// properties into those of the response.
func host(ctx context.Context, e sought, known threatintel.Host, place func([]string) []ast.Path) (threatintel.Host, error) {
	if !e.own {
		return ifExists(ctx, e, known, place)
	}
	found, invalid, err := loaders.Get(ctx, threatintel.HostByID(e.id, e.needed.query))
	tell(ctx, invalid, place)
	if err == nil && found == nil && len(e.needed.owned) == 0 {
		return known, nil
	}
	return found, err
}

// among answers a root list: the entities of the ids, if there are any, else what the other arguments find.
func among[T any](ctx context.Context, request requestByID[T], all func(msgraph.Query) msgraph.Request[*msgraph.List[T]]) (*model.Connection[T], error) {
	s, asks := resolving(ctx)
	switch {
	case asks.refused != nil:
		return nil, asks.refused
	case !asks.byID:
		return list(ctx, atRoot(all), "")
	}
	nodes, _ := s.nodes(asks.connection)
	l := listing{first: len(asks.ids), place: asks.name, whole: s, connection: asks.connection, target: asks.target}
	found := many(ctx, nodes, asks, request, func(i int, path []string) []ast.Path {
		return l.paths(append([]string{"value", strconv.Itoa(i)}, path...))
	})
	return connect(ctx, l, &msgraph.List[T]{Items: found}), nil
}

func listingOf(ctx context.Context, ownerID string) (listing, error) {
	s, asks := resolving(ctx)
	later(ctx)
	return s.listing(asks, operationOf(ctx).planner.cursors, ownerID)
}

// resolving returns the selection of the field that is being resolved, and what is asked.
func resolving(ctx context.Context) (selection, asked) {
	fc, r := graphql.GetFieldContext(ctx), operationOf(ctx).reading
	s := r.selection(fc.Field.Selections)
	return s, asked{field: facts.field(fc.Object, fc.Field.Name), call: r.call(fc.Field.Field), selected: s}
}

// later plans a field that stood under @defer, now that its turn has come, with all that stand so beside it: their turn has
// come too, and they leave together.
func later(ctx context.Context) {
	fc := graphql.GetFieldContext(ctx)
	if !fc.Field.IsDeferred() || fc.Parent == nil {
		return
	}
	owner, parent := fc.Parent.Result, fc.Parent
	for parent.Index != nil { // the selections stand at the list, not at its item
		parent = parent.Parent
	}
	op := operationOf(ctx)
	s := op.selection(parent.Field.Selections)
	op.loader.Gather(op.planner.deferred(s, facts.schema.Types[fc.Object], owner))
}
