package graph

import (
	"context"
	"slices"
	"strconv"

	"portico/graph/code"
	"portico/graph/model"
	"portico/graph/plan"
	"portico/internal/auth"
	"portico/msgraph"
)

// filteredPage returns a page of a list that Portico filters or sorts, over a bounded number of pages.
func filteredPage[T any](ctx context.Context, page plan.Page, ownerID string) (*model.Connection[T], error) {
	all := operationOf(ctx).filtered(ctx, page, ownerID)
	if all.err != nil || all.unknown {
		return nil, all.err
	}
	reportInvalid(ctx, all.notices, page.Paths)
	return connectFiltered[T](ctx, page, all), nil
}

// filteredFrom returns what is left of a list that Portico filters, from the first item of the page on; nil if a page
// of the list has not arrived. It does not wait.
func (op *operation) filteredFrom(ctx context.Context, page plan.Page, ownerID string) any {
	all := op.lists.of(ctx, op.pages, untyped(op.pages, page, ownerID, arrived), page)
	if all.err != nil || all.unknown {
		return nil
	}
	return &msgraph.List[any]{Items: valuesOf[any](all.from(page))}
}

// filtered returns the list that a page is of, when its pages have arrived.
func (op *operation) filtered(ctx context.Context, page plan.Page, ownerID string) *filteredList {
	return op.lists.of(ctx, op.pages, untyped(op.pages, page, ownerID, waiting(ctx)), page)
}

func valuesOf[T any](items []listItem) []T {
	values := make([]T, len(items))
	for i, item := range items {
		values[i], _ = item.value.(T)
	}
	return values
}

// connectFiltered makes a page of a list a connection. A truncated list has no count, and always a warning.
func connectFiltered[T any](ctx context.Context, page plan.Page, all *filteredList) *model.Connection[T] {
	total := len(all.items)
	rest := all.from(page)
	c := connect(ctx, page, "", &msgraph.List[T]{Items: valuesOf[T](rest)})
	reportInvalidItems(ctx, page, rest[:len(c.Nodes)])
	all.warn(ctx)
	if c.IsTruncated = all.truncated(); c.IsTruncated {
		return c
	}
	if count := int32(total); page.Counts { //nolint:gosec // at most FilterPages pages
		c.TotalCount = &count
	}
	return c
}

// warn says why items of the list may be missing, also if nothing that is selected of the list says that they may: its
// caller must not take it for the whole list.
func (all *filteredList) warn(ctx context.Context) {
	warnings := &operationOf(ctx).warnings
	if u := all.undecided; u.leftOut+u.last > 0 {
		warnings.addRaw(ctx, nil, code.UnreadableValues, u.message(), auth.Redact(ctx, unquoted(u.first.Raw)))
	}
	switch {
	case all.longer:
		warnings.add(ctx, nil, code.ListTruncated, "This list is longer than Portico reads to filter or "+
			"sort it, so items may be missing. Narrow it by a condition that Microsoft Graph filters by, or page through "+
			"the list without `where` and `orderBy`.")
	case all.partial:
		warnings.add(ctx, nil, code.ListTruncated,
			"Microsoft Graph did not return all of this list, so items may be missing. Retry later.")
	}
}

// reportInvalidItems reports the values of the returned items that could not be read, with their paths in the response.
func reportInvalidItems(ctx context.Context, page plan.Page, returned []listItem) {
	for i, item := range returned {
		invalid := slices.Clone(item.invalid) // the list is worked out once, and each page of it has its own paths
		for j := range invalid {
			invalid[j].Path = append([]string{"value", strconv.Itoa(i)}, invalid[j].Path...)
		}
		reportInvalid(ctx, invalid, page.FromStart().Paths)
	}
}
