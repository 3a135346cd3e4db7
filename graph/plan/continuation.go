package plan

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// Parts are the parts of a connection that are selected.
type Parts struct{ Edges, Cursors, PageInfo bool }

// Parts returns which parts of the connection are selected.
func (p Page) Parts() (parts Parts) {
	p.Selection.each(p.Connection, func(f *ast.Field, _ bool) {
		parts.PageInfo = parts.PageInfo || f.Name == "pageInfo"
		if f.Name != "edges" {
			return
		}
		parts.Edges = true
		p.Selection.inside(f).each(p.edge(), func(f *ast.Field, _ bool) {
			parts.Cursors = parts.Cursors || f.Name == "cursor"
		})
	})
	return parts
}

// FollowsLink reports whether a response with a number of items from After on is continued by its link: it has no more
// than are returned, and either the list continues by links or there is no item to count from.
func (p Page) FollowsLink(items int) bool {
	return items <= p.First && (p.linked || items == 0)
}

// Cursors returns the cursor after each of the items that are returned, and of -1 where there are none. A cursor is a
// number to skip, where the endpoint takes it; else the same page with a number to drop, and after the last item the
// next page by its link. held is the number of items in the response, returned the number of those that are returned.
func (p Page) Cursors(link string, held, returned int) func(i int) Cursor {
	return func(i int) Cursor {
		switch {
		case i == returned-1 && link != "" && (p.linked || returned == 0):
			return Cursor{Link: link, Drop: max(p.After.Drop-held, 0), For: p.origin.String()}
		case p.linked && p.After.Link != "":
			return Cursor{Link: p.After.Link, Drop: p.After.Drop + i + 1, For: p.origin.String()}
		case p.linked:
			return Cursor{Drop: p.After.Drop + i + 1}
		}
		return Cursor{Skip: p.After.Skip + i + 1}
	}
}
