package graph

import (
	"context"
	"errors"
	"slices"

	"portico/graph/plan"
	"portico/loaders"
	"portico/msgraph"
)

// errEmptyPage is why a list is null: an empty one would say that there is nothing.
var errEmptyPage = errors.New("a page without items, although there are more")

// pages reads pages of lists.
type pages struct {
	loader   *loaders.Loader
	nextPage plan.NextPage
}

// getter returns the page of a list that a query requests, and its lookup.
type getter[T any] func(query msgraph.Query) (*msgraph.List[T], []msgraph.Invalid, msgraph.Lookup, error)

// readPage returns a page, and the lookup that returned it. A page without items that has a link to the next one does
// not say that there is nothing, so Portico follows the link. A next page that Microsoft Graph does not know leaves
// what was there.
func readPage[T any](
	from pages, get getter[T], query msgraph.Query,
) (found *msgraph.List[T], invalid []msgraph.Invalid, at msgraph.Lookup, err error) {
	found, invalid, at, err = get(query)
	for range plan.EmptyPages {
		if err != nil || found == nil || len(found.Items) > 0 {
			return found, invalid, at, err
		}
		link := from.nextPage.After(at, found.NextLink)
		if link == "" {
			return found, invalid, at, nil
		}
		next, bad, lookup, failure := get(msgraph.Query{Page: msgraph.Page{Link: link}})
		if next == nil && failure == nil {
			return found, invalid, at, nil
		}
		if next != nil && next.Count == nil {
			// The page is the loader's, so it stays as it is.
			next = &msgraph.List[T]{Items: next.Items, Count: found.Count, NextLink: next.NextLink}
		}
		invalid = slices.Concat(invalid, bad) // the page before has no values, but may have a notice
		found, at, err = next, lookup, failure
	}
	return found, invalid, at, err
}

// typed gets pages of a list of one Go type.
func typed[T any](
	ctx context.Context, from pages, request plan.RequestByID[*msgraph.List[T]], ownerID string,
) getter[T] {
	return func(query msgraph.Query) (*msgraph.List[T], []msgraph.Invalid, msgraph.Lookup, error) {
		wanted := request(ownerID, query)
		found, invalid, err := loaders.Get(ctx, from.loader, wanted)
		return found, invalid, wanted.Lookup, err
	}
}

// stepGetter returns the response to the lookup of a step.
type stepGetter func(l *loaders.Loader, step loaders.Step) (any, []msgraph.Invalid, error)

// waiting gets responses when they have arrived, and sends what is not under way.
func waiting(ctx context.Context) stepGetter {
	return func(l *loaders.Loader, step loaders.Step) (any, []msgraph.Invalid, error) {
		return loaders.GetStep(ctx, l, step)
	}
}

// errNotArrived is the error of a lookup whose response is not there yet.
var errNotArrived = errors.New("a response has not arrived")

// arrived gets responses that have arrived.
func arrived(l *loaders.Loader, step loaders.Step) (any, []msgraph.Invalid, error) {
	response, invalid, found, err := loaders.PeekStep(l, step)
	if !found {
		err = errNotArrived
	}
	return response, invalid, err
}

// untyped gets pages of the list that a page is of, whatever its items are.
func untyped(from pages, page plan.Page, ownerID string, response stepGetter) getter[any] {
	return func(query msgraph.Query) (*msgraph.List[any], []msgraph.Invalid, msgraph.Lookup, error) {
		page.Query = query
		step := page.Step(ownerID)
		response, invalid, err := response(from.loader, step)
		list, known := response.(interface{ Untyped() *msgraph.List[any] })
		if err != nil || !known {
			return nil, nil, step.Lookup, err
		}
		return list.Untyped(), invalid, step.Lookup, nil
	}
}

// holdsBack reports whether a page without items contradicts what else it says: that there are more pages, where the
// selection does not show that, or that the list has more items than are before the page.
func holdsBack[T any](page plan.Page, found *msgraph.List[T]) bool {
	if found.NextLink != "" {
		return !page.Parts().PageInfo
	}
	return page.After.Link == "" && found.Count != nil && *found.Count > int64(page.After.Skip+page.After.Drop)
}
