package graph

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/code"
	"portico/graph/model"
	"portico/msgraph"
	"portico/threatintel"
)

const (
	// maxFirst is the most that one page of a connection holds, defaultFirst what it holds if nothing is said.
	maxFirst, defaultFirst = 100, 25
	// siftPages is how many pages of siftPage Portico looks at, where it filters or sorts itself.
	siftPages, siftPage = 4, 100
)

// listing is what a request below an entity, or at the root, asks for: one entity, or a page of a list.
type listing struct {
	query   msgraph.Query
	follows []follow
	// Of a list:
	first    int
	after    position
	place    string // what binds cursors to this list
	counting bool
	linked   bool          // the endpoint takes no $skip, or a page was empty: the list goes on by links
	asked    msgraph.Query // what is asked of the list, but for the page
	sorted   string        // by which property and in which direction Portico sorts
	sifted   bool          // Portico filters or sorts
	where    *model.HostPortFilter
	empty    bool   // a condition allows no value: there is nothing to ask for
	path     string // of the list upstream
	nodes    selection
	whole    selection // of the connection
	// connection and target are the types of the connection and of its nodes.
	connection, target *ast.Definition
}

// listing reads the arguments of a field and says what to ask for. The error is for the caller.
func (s selection) listing(asks asked, cursors *cursors, ownerID string) (listing, error) {
	if asks.connection == nil {
		needed := s.project(asks.target, asks.target)
		l := listing{query: needed.query, follows: needed.follows}
		l.followSelf(asks.target, nil, needed, s)
		return l, nil
	}
	l := listing{place: asks.owner + "." + asks.name + "\n" + ownerID, whole: s, connection: asks.connection, target: asks.target}
	l.nodes, l.counting = s.nodes(asks.connection)
	l.project(asks)
	if asks.options.refused != nil {
		return l, asks.options.refused
	}
	l.readOptions(asks.options)
	if err := l.readPlace(asks, cursors); err != nil {
		return l, err
	}
	return l, nil
}

// project says what of each node is asked for, as far as the endpoint takes options.
func (l *listing) project(asks asked) {
	if !asks.takes["SELECT"] {
		l.query.Unselected = true
		l.follows = []follow{{path: []string{"value"}, target: asks.target, whole: asks.target.Kind != ast.Interface, selected: l.nodes}}
		return
	}
	needed := l.nodes.project(asks.target, asks.target)
	l.query = needed.query
	for _, f := range needed.follows {
		f.path = append([]string{"value"}, f.path...)
		l.follows = append(l.follows, f)
	}
	l.followSelf(asks.target, []string{"value"}, needed, l.nodes)
}

// followSelf lets an answer lead to the requests below the entities in it.
func (l *listing) followSelf(on *ast.Definition, path []string, needed projection, s selection) {
	if len(needed.owned) > 0 {
		l.follows = append(l.follows, follow{path: path, target: on, whole: true, selected: s})
	}
}

// options are the system query options that arguments become. They depend on nothing else, and a field may be resolved for
// thousands of owners.
type options struct {
	filter, orderBy, search string
	empty                   bool // a condition allows no value: there is nothing to ask for
	refused                 error
}

// optionsOf turns the arguments that are annotated into system query options.
func optionsOf(f *field, args map[string]any) (o options) {
	for _, arg := range f.args {
		switch value := args[arg.name]; {
		case o.refused != nil:
		case value == nil:
			if arg.required {
				o.refused = &threatintel.InputError{Reason: f.name + " needs " + arg.name + " or ids: Microsoft Graph lists nothing without"}
			}
		case arg.option == "filter":
			o.empty = o.empty || isEmpty(value)
			o.filter = filterOption(arg, value)
		case arg.option == "orderby":
			o.orderBy = facts.wire[arg.named+"."+fmt.Sprint(value)]
		case arg.option == "search":
			o.search, o.refused = searchOption(arg, value)
		}
	}
	return o
}

func (l *listing) readOptions(o options) {
	l.empty = o.empty
	l.query.Page.Filter, l.query.Page.OrderBy, l.query.Page.Search = o.filter, o.orderBy, o.search
	l.place += "\n" + o.filter + "\n" + o.orderBy + "\n" + o.search
}

// isEmpty reports whether a condition allows no value at all.
func isEmpty(value any) bool {
	list, isList := value.([]any)
	return isList && len(list) == 0
}

// filterOption renders "property eq 'value'" or "property in ('a','b')".
func filterOption(arg argument, value any) string {
	list, many := value.([]any)
	if !many {
		list = []any{value}
	}
	quoted := make([]string, len(list))
	for i, item := range list {
		text := fmt.Sprint(item)
		if wired, ok := facts.wire[arg.named+"."+text]; ok {
			text = wired
		}
		quoted[i] = "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	if len(quoted) == 1 {
		return arg.property + " eq " + quoted[0]
	}
	return arg.property + " in (" + strings.Join(quoted, ",") + ")"
}

// searchOption renders a word, or "property:value". Quotes would end the option early, and Microsoft Graph takes no colon.
func searchOption(arg argument, value any) (string, error) {
	text, property := fmt.Sprint(value), ""
	if input, ok := value.(map[string]any); ok {
		property = facts.wire[arg.named+"."+fmt.Sprint(input["field"])]
		var err error
		if text, err = threatintel.SearchValue(property, fmt.Sprint(input["value"])); err != nil {
			return "", err
		}
		property += ":"
	}
	if _, structured := value.(map[string]any); !structured && len(strings.Fields(text)) > 1 {
		return "", &threatintel.InputError{Reason: "search takes one word"}
	}
	text = strings.TrimSpace(strings.NewReplacer(`"`, "", `\`, "", ":", "").Replace(text))
	if text == "" {
		return "", &threatintel.InputError{Reason: "search needs a value"}
	}
	return `"` + property + text + `"`, nil
}

// readPlace turns first and after into options: by $skip where the endpoint takes it, else by the link of the page before.
func (l *listing) readPlace(asks asked, cursors *cursors) error {
	l.first = defaultFirst
	if n, ok := asks.values["first"].(int64); ok {
		l.first = int(n)
	}
	if l.first < 1 || l.first > maxFirst {
		return &limitError{code.LimitFirst, "`first` must be at least 1; it is", l.first, "", maxFirst}
	}
	l.linked, l.asked = !asks.takes["SKIP"], l.query
	if l.linked {
		l.place += "\n" + l.asked.String() // a link goes on with the properties that were asked for first
	}
	l.readSift(asks)
	if after, ok := asks.values["after"].(string); ok && after != "" {
		if l.after, ok = cursors.openSealed(asks.sealed, l.place); !ok || (l.after.Link != "" && l.after.For != l.asked.String()) {
			return &threatintel.InputError{Reason: "after is no cursor of this list: take endCursor or cursor from an answer to the same arguments and fields"}
		}
		l.linked = l.linked || l.after.Link != ""
	}
	l.readPage(asks)
	return nil
}

func (l *listing) readPage(asks asked) {
	if l.after.Link != "" {
		l.query = msgraph.Query{Page: msgraph.Page{Link: l.after.Link}}
		return
	}
	page := &l.query.Page
	page.Count = l.counting && !l.sifted && asks.takes["COUNT"]
	switch {
	case l.sifted:
		page.Top = siftPage
	case asks.takes["TOP"]:
		page.Top = l.first + l.after.Drop
	}
	if !l.sifted && !l.linked {
		page.Skip = l.after.Skip
	}
}

// readSift reads the conditions and the order that Microsoft Graph does not know, and asks for what they read.
func (l *listing) readSift(asks asked) {
	where, filters := asks.values["where"].(map[string]any)
	l.where = asks.where
	for name, value := range where {
		l.empty = l.empty || isEmpty(value)
		l.query.Select = l.query.Select.Union(msgraph.NamesOf(facts.reads["HostPortFilter."+name]))
	}
	order, sorts := asks.values["orderBy"].(string)
	if sorts = sorts && !slices.ContainsFunc(asks.args, func(a argument) bool { return a.name == "orderBy" }); sorts {
		l.sorted = facts.wire["SeenOrder."+order]
		property, _, _ := strings.Cut(l.sorted, " ")
		l.query.Select = l.query.Select.Union(msgraph.NamesOf(property))
	}
	if l.sifted = filters || sorts; l.sifted {
		l.place += "\n" + asks.conditions + "\n" + l.sorted
	}
}

// connect makes a page of a list the page of a connection.
func connect[T any](ctx context.Context, l listing, page *msgraph.List[T]) *model.Connection[T] {
	nodes := page.Items[min(l.after.Drop, len(page.Items)):]
	link, more := l.next(ctx, page.NextLink, len(nodes))
	nodes = nodes[:min(l.first, len(nodes))]
	c := &model.Connection[T]{
		Nodes: nodes, TotalCount: totalOf(page.Count),
		PageInfo: &model.PageInfo{HasNextPage: more, HasPreviousPage: l.after != position{}},
	}
	at, cursors := l.positions(link, len(page.Items), len(nodes)), operationOf(ctx).planner.cursors
	seal := func(i int) string { return cursors.seal(at(i), l.place) }
	edges, sealed, info := l.whole.shows(l.connection)
	if edges {
		c.Edges = edgesOf(nodes, sealed, seal)
	}
	if info {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = ends(len(nodes), more, seal)
	}
	return c
}

// edgesOf makes the edges of a page. Cursors are sealed only where they are shown: that takes longer than all the rest.
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

// next returns where the list goes on upstream, if it is at the end of its page, and whether there is more at all. A link
// to elsewhere, or to the same page again, ends the list with an error, where the link would be followed.
func (l *listing) next(ctx context.Context, nextLink string, nodes int) (link string, more bool) {
	if nodes > l.first {
		return "", true // the page itself goes on
	}
	link, ours := operationOf(ctx).nextPage(l.path, nextLink)
	followed := nextLink != "" && (l.linked || nodes == 0)
	if followed && (!ours || link == l.query.String()) {
		addError(ctx, nil, &msgraph.Error{Kind: msgraph.BadResponse})
		return "", false
	}
	return link, nextLink != ""
}

func totalOf(count *int64) *int32 {
	if count == nil || *count < 0 || *count > math.MaxInt32 {
		return nil
	}
	total := int32(*count)
	return &total
}

// positions returns the position after each node of a page: a number to skip, where the endpoint takes it; else the same
// page with so many dropped, and after the last node the next page. After a page without nodes there is only its link.
func (l *listing) positions(link string, held, nodes int) func(i int) position {
	return func(i int) position {
		switch {
		case i == nodes-1 && link != "" && (l.linked || nodes == 0):
			return position{Link: link, Drop: max(l.after.Drop-held, 0), For: l.asked.String()}
		case l.linked && l.after.Link != "":
			return position{Link: l.after.Link, Drop: l.after.Drop + i + 1, For: l.asked.String()}
		case l.linked:
			return position{Drop: l.after.Drop + i + 1}
		}
		return position{Skip: l.after.Skip + i + 1}
	}
}
