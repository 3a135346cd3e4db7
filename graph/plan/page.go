package plan

import (
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/code"
	"portico/msgraph"
	"portico/threatintel"
)

// FilterPages is how many pages of filterPage items Portico reads where it filters or sorts itself.
const FilterPages, filterPage = 4, 100

// Page is a page of a list: its window, its options, and where its response leads.
type Page struct {
	// Call is the list. Its selection is that of the connection.
	Call
	Query msgraph.Query
	Links []Link
	// First is the number of items that are returned, After where they start.
	First int
	After Cursor
	Scope Scope
	// Filter is set where Portico filters or sorts the list itself.
	Filter *Filter
	// Empty reports that a condition allows no value: there is nothing to request.
	Empty bool
	// Counts reports that the number of all items is selected.
	Counts bool
	// Nodes is what is selected of each item.
	Nodes Selection

	linked bool          // the list continues by links: the endpoint takes no $skip, or a page was empty
	origin msgraph.Query // of the list, without the window; a link continues with it
}

// Page reads the arguments of a list and returns the page that they request. The error is for the caller.
func (c Call) Page(ownerID string, sealer *Sealer) (Page, error) {
	p := Page{Call: c}
	p.Nodes, p.Counts = c.Selection.nodes(c.Connection)
	p.project()
	if c.list.refused != nil {
		return p, c.list.refused
	}
	if err := p.readFirst(); err != nil {
		return p, err
	}
	p.setOptions(&c.list.listOptions)
	p.Scope = p.scopeFor(ownerID)
	if err := p.readAfter(sealer); err != nil {
		return p, err
	}
	p.setWindow()
	return p, nil
}

// project sets what is requested of each item, as far as the endpoint takes options.
func (p *Page) project() {
	if !p.takes["SELECT"] {
		p.Query.Unselected = true
		p.Links = []Link{{
			path: []string{"value"}, target: p.Target, inline: p.Target.Kind != ast.Interface, selection: p.Nodes,
		}}
		return
	}
	items := p.Nodes.Project(p.Target, p.Target)
	p.Query = items.Query
	p.Links = append(items.linksFrom("value"), items.linkToItself(p.Target, []string{"value"}, p.Nodes)...)
}

// linksFrom returns the links of the items that are at a property of the response.
func (p *Projection) linksFrom(property string) []Link {
	all := make([]Link, len(p.Links), len(p.Links)+1)
	for i, link := range p.Links {
		link.path = append([]string{property}, link.path...)
		all[i] = link
	}
	return all
}

// linksOfEntity returns where the response to a request that returns one entity leads.
func (c Call) linksOfEntity() []Link {
	projection := c.Selection.Project(c.Target, c.Target)
	return append(projection.Links, projection.linkToItself(c.Target, nil, c.Selection)...)
}

// linkToItself lets a response lead to the requests below the entities at a path in it.
func (p *Projection) linkToItself(on *ast.Definition, path []string, s Selection) []Link {
	if len(p.Requests) == 0 {
		return nil
	}
	return []Link{{path: path, target: on, inline: true, selection: s}}
}

// scopeFor is the one place where a scope is built: from the list, its owner, and all arguments but the window. What
// is continued by a link is also bound to the query, since the link returns what was requested first.
func (p *Page) scopeFor(ownerID string) Scope {
	options := p.Query.Page
	parts := []string{p.Owner + "." + p.Name, ownerID, options.Search, p.list.conditions, p.list.orderBy}
	if p.linked {
		parts = append(parts, p.origin.String())
	}
	return scopeOf(parts)
}

// setOptions sets what the arguments became. Portico's own work starts at the first page, wherever the page is that is
// returned: its cursors are numbers.
func (p *Page) setOptions(o *listOptions) {
	p.Empty, p.Filter, p.Query.Page = o.empty, o.portico, o.page
	if p.takes["SELECT"] {
		p.Query.Select = p.Query.Select.Union(o.reads)
	}
	p.linked, p.origin = !p.takes["SKIP"] && p.Filter == nil, p.Query
}

func (p *Page) readFirst() error {
	p.First = p.list.first
	if p.First < 0 || p.First > maxFirst {
		return &LimitError{Code: code.LimitFirst, Found: p.First, Allowed: maxFirst}
	}
	if p.First == 0 { // no item is returned, so the response leads nowhere, and nothing is predicted
		p.Links = nil
	}
	return nil
}

func (p *Page) readAfter(sealer *Sealer) error {
	switch after := p.list.after; {
	case after == nil:
		return nil
	case *after == "": // a client that lost its cursor would begin again, and never end
		return &threatintel.InputError{Reason: "`after` must not be empty. For the first page, leave it out or send null."}
	}
	var ok bool
	if p.After, ok = sealer.open(p.list.cursor, p.Scope); !ok || (p.After.Link != "" && p.After.For != p.origin.String()) {
		return &threatintel.InputError{Reason: invalidCursor}
	}
	p.linked = p.linked || p.After.Link != ""
	return nil
}

const invalidCursor = "Invalid `after` cursor. Use `endCursor` or `cursor` from a response to the same list of the " +
	"same entity, with the same `search`, `where` and `orderBy`. Cursors expire when Portico restarts or another " +
	"replica responds, unless PORTICO_CURSOR_KEY is set to the same key on all replicas."

// setWindow turns First and After into options: by $skip where the endpoint takes it, else by the link of the page
// before.
func (p *Page) setWindow() {
	if p.After.Link != "" {
		p.Query = msgraph.Query{Page: msgraph.Page{Link: p.After.Link}}
		return
	}
	options := &p.Query.Page
	if p.Filter != nil {
		if p.takes["TOP"] {
			options.Top = filterPage
		}
		return
	}
	options.Count = p.Counts && p.takes["COUNT"]
	if p.takes["TOP"] {
		options.Top = max(p.First, 1) + p.After.Drop // with `first: 0`, one item tells whether there are any
	}
	if !p.linked {
		options.Skip = p.After.Skip
	}
}

// FromStart is the page with nothing to drop: what is left of its items is returned.
func (p Page) FromStart() Page {
	p.After = Cursor{}
	return p
}

// Continue makes the page the next one of a list that Portico reads to its end, after a number of items: by $skip
// where the endpoint takes it, since a page may be shorter than was requested; else by its link. It returns false if
// there is no link.
func (p *Page) Continue(items int, link string) bool {
	if p.takes["SKIP"] {
		p.Query.Page.Skip = items
		return true
	}
	p.Query = msgraph.Query{Page: msgraph.Page{Link: link}}
	return link != ""
}
