package cache

import (
	"strings"

	"portico/msgraph"
)

// request is what a URL requests: a resource, or a page of a list, and which properties of it.
type request struct {
	// resource names what is requested, whatever is selected of it: the path and the options that name a page.
	resource string
	path     string
	// options are those that name a page of a list, each with an ampersand in front.
	options string
	// query is what is selected. It has no page but for the count.
	query msgraph.Query
	// fixed is the URL if it cannot be changed: it has an option that msgraph.Lookup never writes, such as the
	// $skiptoken of a link to the next page, or it has no $select. It is then requested as it is or not at all.
	fixed string
}

// parse reads a URL as msgraph.Lookup writes it, or as a link to the next page has it.
func parse(url string) request {
	path, query, _ := strings.Cut(url, "?")
	r := request{path: path}
	if !r.read(query) {
		return request{path: path, resource: "=" + url, fixed: url}
	}
	r.resource = path + "?" + r.options
	return r
}

// read reads the options. It reports false if there is one that it does not know.
func (r *request) read(query string) bool {
	names, others, _ := strings.Cut(query, "&")
	names, ok := strings.CutPrefix(names, "$select=")
	if !ok || names == "" {
		return false
	}
	r.query.Select, r.query.Keyless = selected(names)
	if expand, found := strings.CutPrefix(others, "$expand="); found {
		expand, others, _ = strings.Cut(expand, "&")
		r.query.Expand = msgraph.Names(expand)
	}
	for option := range strings.SplitSeq(others, "&") {
		switch {
		case option == "":
		case option == "$count=true":
			r.query.Page.Count = true
		case namesPage(option):
			r.options += "&" + option
		default:
			return false
		}
	}
	return isCanonical(r.query.Select) && isCanonical(r.query.Expand)
}

// selected returns the names in a $select without the id, and whether it was not there.
func selected(names string) (others msgraph.Names, keyless bool) {
	if names == "id" {
		return "", false
	}
	rest, found := strings.CutPrefix(names, "id,")
	return msgraph.Names(rest), !found
}

// namesPage reports whether an option is one of those by which a page is told from others of the same list.
func namesPage(option string) bool {
	name, _, _ := strings.Cut(option, "=")
	switch name {
	case "$filter", "$search", "$orderby", "$top", "$skip":
		return true
	}
	return false
}

// isCanonical reports whether names are in the order in which msgraph.Names has them.
func isCanonical(names msgraph.Names) bool {
	last, ok := "", true
	names.Each(func(name string) {
		ok = ok && name > last
		last = name
	})
	return ok
}

// url returns the URL that requests a query of the resource.
func (r request) url(query msgraph.Query) string {
	if r.fixed != "" {
		return r.fixed
	}
	count := ""
	if query.Page.Count {
		count = "&$count=true"
	}
	query.Page = msgraph.Page{}
	return r.path + "?" + query.String() + r.options + count
}
