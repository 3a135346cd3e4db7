package msgraph

import (
	"net/url"
	"strconv"
	"strings"

	"portico/internal/sparse"
)

// Query holds the system query options of a request. It is comparable, and two queries that ask for the same are equal
// as long as no name stands both in Select and in Expand, which Union sees to.
type Query struct {
	// Select names properties, and navigation properties of which the reference is enough. The key "id" is selected too,
	// unless the query is Keyless.
	Select Names
	// Expand names navigation properties to be answered inline. Expanding includes the reference.
	Expand Names
	// Unselected leaves $select out, for an endpoint that does not take it.
	Unselected bool
	// Keyless leaves the key out of $select, unless nothing else is selected: the request names the entity by it, and
	// nobody asks how the response spells it.
	Keyless bool
	// Page says which part of a list is asked for; zero for one entity.
	Page Page
}

// Page holds the system query options of a list. Zero fields are not sent.
type Page struct {
	Filter, OrderBy, Search string
	Top, Skip               int
	Count                   bool
	// Link is the query string of a link to the next page, as the service gave it. It holds all that was asked for first,
	// and stands alone.
	Link string
}

// Union returns the narrowest query that covers both, which must be Alike. A name that is expanded is not selected as
// well.
func (q Query) Union(other Query) Query {
	q.Expand = q.Expand.Union(other.Expand)
	q.Select = q.Select.Union(other.Select).without(q.Expand)
	q.Page.Count = q.Page.Count || other.Page.Count
	q.Keyless = q.Keyless && other.Keyless
	return q
}

// selectsKey reports whether a response to the query has the key.
func (q Query) selectsKey() bool {
	return !q.Keyless || q.Unselected || q.Select.without(q.Expand) == ""
}

// Alike reports whether the two queries differ in nothing but what is asked of each entity, and in whether all of a
// list are counted: one request can answer both.
func (q Query) Alike(other Query) bool {
	if q.Unselected != other.Unselected {
		return false
	}
	q.Page.Count = other.Page.Count
	return q.Page == other.Page
}

// Covers reports whether an answer to q holds all that other asks for.
func (q Query) Covers(other Query) bool {
	if q == other {
		return true
	}
	return q.Alike(other) && (q.Page.Count || !other.Page.Count) && (q.selectsKey() || other.Keyless) &&
		q.Expand.Covers(other.Expand) && q.holds(other.Select)
}

// holds reports whether every name is selected or expanded.
func (q Query) holds(names Names) bool {
	if q.Select.Covers(names) {
		return true
	}
	if q.Expand == "" {
		return false
	}
	for names != "" {
		var name string
		name, names = names.cut()
		if !q.Select.Has(name) && !q.Expand.Has(name) {
			return false
		}
	}
	return true
}

// String returns the canonical query string, such as
// "$select=id,port,status&$expand=mostRecentSslCertificate". Dollar signs,
// commas and slashes stand as they are, which RFC 3986 permits in a query.
func (q Query) String() string {
	var b strings.Builder
	q.write(&b)
	return b.String()
}

func (q Query) write(b *strings.Builder) {
	if q.Page.Link != "" {
		b.WriteString(q.Page.Link)
		return
	}
	o := options{Builder: b, start: b.Len()}
	if !q.Unselected {
		names := q.Select.without(q.Expand)
		switch {
		case names == "":
			o.next("$select=id")
		case q.Keyless:
			o.next("$select=")
		default:
			o.next("$select=id,")
		}
		b.WriteString(string(names))
	}
	if q.Expand != "" {
		o.next("$expand=")
		b.WriteString(string(q.Expand))
	}
	if q.Page != (Page{}) {
		q.Page.write(o)
	}
}

func (p Page) write(o options) {
	o.text("$filter=", p.Filter)
	o.text("$search=", p.Search)
	o.text("$orderby=", p.OrderBy)
	o.number("$top=", p.Top)
	o.number("$skip=", p.Skip)
	if p.Count {
		o.next("$count=true")
	}
}

// options writes one option after the other.
type options struct {
	*strings.Builder
	start int
}

func (o options) next(text string) {
	if o.Len() > o.start {
		o.WriteByte('&')
	}
	o.WriteString(text)
}

func (o options) text(name, value string) {
	if value != "" {
		o.next(name)
		o.WriteString(escapeOption(value))
	}
}

func (o options) number(name string, value int) {
	if value != 0 {
		o.next(name)
		o.WriteString(strconv.Itoa(value))
	}
}

// readable are the characters that a query may hold as they are and that OData expressions are full of.
var readable = strings.NewReplacer("+", "%20", "%28", "(", "%29", ")", "%27", "'", "%2C", ",", "%2F", "/", "%3A", ":")

func escapeOption(value string) string { return readable.Replace(url.QueryEscape(value)) }

// Lookup is one GET of one resource as a comparable value.
type Lookup struct {
	// Path is escaped and relative to the version root, with a leading slash:
	// "/security/threatIntelligence/hostPorts/ODU…".
	Path string
	// Query says which part of the resource is requested.
	Query Query
}

// URL returns the address relative to the version root, in the one form that is used on the wire, in batch items and as
// a key.
func (l Lookup) URL() string {
	var b strings.Builder
	b.Grow(len(l.Path) + len("?$select=id,&$expand=") + len(l.Query.Select) + len(l.Query.Expand))
	b.WriteString(l.Path)
	b.WriteByte('?')
	l.Query.write(&b)
	if b.Len() == len(l.Path)+1 {
		return l.Path
	}
	return b.String()
}

// Request is a lookup together with the way its answer is read. T can be nil:
// a pointer or an interface, where nil means that there is none.
type Request[T any] struct {
	Lookup
	// Decode reads the body of a successful answer to a lookup, which may have asked for more. It reports values that
	// could not be read beside the entity; its error is an *Error. Without an error, all of the body is one JSON value.
	Decode func(body []byte, asked Asked) (T, []Invalid, error)
}

// Asked is a lookup whose response is decoded.
type Asked struct {
	Lookup
	// Reads are the properties that are read of what the response holds inside an entity: of expanded entities, which
	// Microsoft Graph returns whole, and of complex values. Others may be skipped. Nil stands for all.
	Reads *sparse.Properties
}
