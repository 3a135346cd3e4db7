package graph

import (
	"context"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/model"
	"portico/graph/plan"
	"portico/msgraph"
	"portico/threatintel"
)

// list resolves a page of a list below an entity, or at the root.
func list[T any](
	ctx context.Context, request plan.RequestByID[*msgraph.List[T]], ownerID string,
) (*model.Connection[T], error) {
	page, err := pageOf(ctx, ownerID)
	if err != nil {
		return nil, err
	}
	return loadPage(ctx, page, request, ownerID)
}

// pageOf returns the page that the field requests.
func pageOf(ctx context.Context, ownerID string) (plan.Page, error) {
	return resolving(ctx).Page(ownerID, operationOf(ctx).planner.Sealer)
}

// loadPage returns a page, and reports the values in it that could not be read. A list that Microsoft Graph does not
// know is nil.
func loadPage[T any](
	ctx context.Context, page plan.Page, request plan.RequestByID[*msgraph.List[T]], ownerID string,
) (*model.Connection[T], error) {
	switch {
	case page.Empty:
		return connect(ctx, page, "", &msgraph.List[T]{Count: new(int64)}), nil
	case page.Filter != nil:
		return filteredPage[T](ctx, page, ownerID)
	}
	from := operationOf(ctx).pages
	found, invalid, at, err := readPage(from, typed(ctx, from, request, ownerID), page.Query)
	reportInvalid(ctx, invalid, page.Paths)
	if err != nil || found == nil {
		return nil, err
	}
	page.Query = at.Query
	if len(found.Items) == 0 && holdsBack(page, found) {
		return nil, &msgraph.Error{Kind: msgraph.BadResponse, Err: errEmptyPage}
	}
	return connect(ctx, page, at.Path, found), nil
}

// hosts resolves a list that has no more of each host than its id.
func hosts(
	ctx context.Context, request plan.RequestByID[*msgraph.List[threatintel.Host]], ownerID string,
) (*model.HostConnection, error) {
	page, err := pageOf(ctx, ownerID)
	if err != nil {
		return nil, err
	}
	c, err := loadPage(ctx, page, request, ownerID)
	if c == nil || err != nil {
		return nil, err
	}
	c.Nodes = loadHosts(ctx, page, c.Nodes)
	for i, edge := range c.Edges {
		edge.Node = c.Nodes[i]
	}
	return c, nil
}

// loadHosts returns the hosts of a page with what is selected of them.
func loadHosts(ctx context.Context, page plan.Page, listed []threatintel.Host) []threatintel.Host {
	all := slices.Clone(listed) // the response is the loader's, and others read it
	for i, host := range all {
		e := listedHost(ctx, page, host)
		in := func(path []string) []ast.Path { return page.PathsOfItem(i, e.Concrete, path) }
		held := func() threatintel.Host { return host }
		var err error
		if all[i], err = loadReferred(ctx, e, held, in); err != nil {
			addErrors(ctx, in(nil), err)
		}
	}
	return all
}

// listedHost is a host in a list that has no more of it than its id.
func listedHost(ctx context.Context, page plan.Page, host threatintel.Host) entity {
	e := entity{&plan.Target{}, &plan.Projection{}, false} // of a host without an id
	for _, r := range threatintel.References(host) {
		e.Target, e.Projection = operationOf(ctx).Target(page.Nodes, plan.Schema.Types["Host"], r)
		e.own = e.ExceedsKey()
	}
	return e
}

// rootList resolves a list at the root.
func rootList[T any](
	ctx context.Context, request func(msgraph.Query) msgraph.Request[*msgraph.List[T]],
) (*model.Connection[T], error) {
	return list(ctx, plan.AtRoot(request), "")
}
