package graph

import (
	"context"
	"math"

	"portico/graph/model"
	"portico/graph/plan"
	"portico/msgraph"
)

// connect makes the response to a page, at a path upstream, a connection.
func connect[T any](ctx context.Context, page plan.Page, path string, list *msgraph.List[T]) *model.Connection[T] {
	nodes := list.Items[min(page.After.Drop, len(list.Items)):]
	link, more := nextPage(ctx, page, path, list.NextLink, len(nodes))
	nodes = nodes[:min(page.First, len(nodes))]
	c := &model.Connection[T]{
		Nodes: nodes, TotalCount: totalOf(list.Count),
		PageInfo: &model.PageInfo{HasNextPage: more, HasPreviousPage: page.After != plan.Cursor{}},
	}
	cursors, sealer := page.Cursors(link, len(list.Items), len(nodes)), operationOf(ctx).planner.Sealer
	seal := func(i int) string { return sealer.Seal(cursors(i), page.Scope) }
	parts := page.Parts()
	if parts.Edges {
		c.Edges = edgesOf(nodes, parts.Cursors, seal)
	}
	if parts.PageInfo {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = ends(len(nodes), more, seal)
	}
	return c
}

// edgesOf makes the edges of a page. Cursors are sealed only where they are selected: that takes longer than all the
// rest.
func edgesOf[T any](nodes []T, sealed bool, seal func(i int) string) []*model.Edge[T] {
	edges := make([]*model.Edge[T], len(nodes))
	for i, node := range nodes {
		edges[i] = &model.Edge[T]{Node: node}
		if sealed {
			edges[i].Cursor = seal(i)
		}
	}
	return edges
}

// ends are the cursors at both ends of a page.
func ends(nodes int, more bool, seal func(i int) string) (start, end *string) {
	if nodes > 0 {
		return new(seal(0)), new(seal(nodes - 1))
	}
	if more { // an empty page may be followed by others
		return nil, new(seal(-1))
	}
	return nil, nil
}

// nextPage returns where the list continues upstream, if this is the end of its page, and whether there is more at all.
// A link to elsewhere where it would be followed, or to the same page again, is an error. It ends the list unless that
// continues by $skip.
func nextPage(ctx context.Context, page plan.Page, path, nextLink string, nodes int) (link string, more bool) {
	if nodes > page.First {
		return "", true // the page itself continues
	}
	if nextLink == "" {
		return "", false
	}
	link, ours := operationOf(ctx).nextPage(path, nextLink)
	followed := page.FollowsLink(nodes)
	if ours && msgraph.SamePage(link, page.Query.String()) || followed && !ours {
		addError(ctx, nil, &msgraph.Error{Kind: msgraph.BadResponse})
		return "", !followed
	}
	return link, true
}

func totalOf(count *int64) *int32 {
	if count == nil || *count < 0 || *count > math.MaxInt32 {
		return nil
	}
	total := int32(*count)
	return &total
}
