package graph

import (
	"context"
	"errors"
	"slices"

	"portico/graph/plan"
	"portico/loaders"
	"portico/msgraph"
)

// emptyPages is how many empty pages in a row Portico follows to the next one.
const emptyPages = 3

// errEmptyPage is why a list is null: an empty one would say that there is nothing.
var errEmptyPage = errors.New("a page without items, although there are more")

// pages reads pages of lists.
type pages struct {
	loader *loaders.Loader
	// nextPage returns the query of a link that goes on with the list at a path; false for links to elsewhere.
	nextPage func(path, link string) (query string, ok bool)
}

// readPage returns a page, and the lookup that returned it. A page without items that has a link to the next one does
// not say that there is nothing, so Portico follows the link. A next page that Microsoft Graph does not know leaves
// what was there.
func readPage[T any](
	ctx context.Context, from pages, request plan.RequestByID[*msgraph.List[T]], ownerID string, query msgraph.Query,
) (found *msgraph.List[T], invalid []msgraph.Invalid, at msgraph.Lookup, err error) {
	wanted := request(ownerID, query)
	found, invalid, err = loaders.Get(ctx, from.loader, wanted)
	at = wanted.Lookup
	for range emptyPages {
		if err != nil || found == nil || len(found.Items) > 0 {
			return found, invalid, at, err
		}
		link, ours := from.nextPage(at.Path, found.NextLink)
		if !ours || msgraph.SamePage(link, at.Query.String()) {
			return found, invalid, at, nil
		}
		wanted = request(ownerID, msgraph.Query{Page: msgraph.Page{Link: link}})
		next, bad, failure := loaders.Get(ctx, from.loader, wanted)
		if next == nil && failure == nil {
			return found, invalid, at, nil
		}
		if next != nil && next.Count == nil {
			next = &msgraph.List[T]{Items: next.Items, Count: found.Count, NextLink: next.NextLink} // the page is the loader's
		}
		invalid = slices.Concat(invalid, bad) // the page before has no values, but may have a notice
		found, at, err = next, wanted.Lookup, failure
	}
	return found, invalid, at, err
}

// holdsBack reports whether a page without items contradicts what else it says: that there are more pages, where the
// selection does not show that, or that the list has more items than are before the page.
func holdsBack[T any](page plan.Page, found *msgraph.List[T]) bool {
	if found.NextLink != "" {
		return !page.Parts().PageInfo
	}
	return page.After.Link == "" && found.Count != nil && *found.Count > int64(page.After.Skip+page.After.Drop)
}
