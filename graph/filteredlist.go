package graph

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"portico/graph/plan"
	"portico/msgraph"
)

// filteredLists works out the lists of one operation that Portico filters or sorts, since Microsoft Graph cannot. Equal
// ones are worked out once, under whatever aliases and for however many equal ids, and whichever page is returned.
type filteredLists struct {
	conditions
	known  sync.Map     // of *filteredList, by list and query
	passes atomic.Int64 // how many were worked out
}

// filteredList holds the items of a list that meet its conditions, in its order.
type filteredList struct {
	once      sync.Once
	isDone    atomic.Bool // once has run
	items     []listItem
	notices   []msgraph.Invalid // about the pages
	unknown   bool              // Microsoft Graph does not know the list
	longer    bool              // there are more pages than Portico reads
	partial   bool              // Microsoft Graph did not return all of what Portico reads
	undecided undecided
	err       error
}

var errUnfiltered = errors.New("a list was not filtered")

// truncated reports whether items may be missing that meet the conditions.
func (all *filteredList) truncated() bool {
	return all.longer || all.partial || all.undecided.leftOut > 0
}

// from returns the items from the first of a page on.
func (all *filteredList) from(page plan.Page) []listItem {
	return all.items[min(page.After.Skip, len(all.items)):]
}

// of returns the list that a page is of, from pages that get returns. It does not keep a list with a page that has not
// arrived. Pages are read before the list is locked: who waits for one must not hold up the planner, which may be what
// sends it.
func (l *filteredLists) of(ctx context.Context, from pages, get getter[any], page plan.Page) *filteredList {
	known, _ := l.known.LoadOrStore(
		string(page.Scope)+"\n"+page.Query.String(), &filteredList{err: errUnfiltered})
	all := known.(*filteredList) //nolint:forcetypeassert // nothing else is stored
	if all.isDone.Load() {
		return all
	}
	read := &filteredList{}
	if read.err = read.read(from, get, page); errors.Is(read.err, errNotArrived) {
		return read
	}
	all.once.Do(func() {
		defer all.isDone.Store(true)
		l.passes.Add(1)
		all.items, all.notices = read.items, read.notices
		all.unknown, all.longer, all.partial = read.unknown, read.longer, read.partial
		if all.err = read.err; all.err == nil {
			all.err = all.apply(ctx, l.all(page.Filter.Where), page.Filter)
		}
	})
	return all
}

// read reads the pages of a list, as many as are allowed.
func (all *filteredList) read(from pages, get getter[any], page plan.Page) error {
	for n := range plan.FilterPages {
		list, invalid, at, err := readPage(from, get, page.Query)
		if err != nil {
			return err
		}
		if list == nil {
			all.unknown, all.partial = n == 0, n > 0 // a list that ends while it is read is not whole
			return nil
		}
		all.add(list.Items, invalid)
		if list.NextLink == "" {
			return nil
		}
		if len(list.Items) == 0 || !page.Continue(len(all.items), from.nextPage.After(at, list.NextLink)) {
			all.partial = true
			return nil
		}
	}
	all.longer = true
	return nil
}

// add adds the items of a page, each with its values that could not be read.
func (all *filteredList) add(items []any, invalid []msgraph.Invalid) {
	start, unreadable := len(all.items), 0
	for _, item := range items {
		all.items = append(all.items, listItem{value: item})
	}
	added := all.items[start:]
	for _, value := range invalid {
		if value.Notice != nil {
			all.notices = append(all.notices, value)
			all.partial = all.partial || value.Notice.Incomplete
		}
		if len(value.Path) < 2 {
			continue
		}
		i, ok := plan.Index(value.Path[1])
		if !ok || i >= len(items) {
			continue
		}
		value.Path = value.Path[2:]
		added[i].invalid = append(added[i].invalid, value)
		if isUnreadable(value) {
			unreadable++
		}
		if unreadable == msgraph.MaxInvalid { // there may be more, which are not listed
			doubt(added[i:])
		}
	}
}

// doubt marks items of which more values may not have been read than are listed.
func doubt(items []listItem) {
	for i := range items {
		items[i].doubtful = true
	}
}

// apply drops what does not meet the conditions, and sorts the rest. It ends when the caller leaves, but not at the
// deadline: the items are there, and the partial response has what arrived in time.
func (all *filteredList) apply(ctx context.Context, judge func(listItem) verdict, filter *plan.Filter) error {
	left := func() bool { return errors.Is(ctx.Err(), context.Canceled) }
	all.items = slices.DeleteFunc(all.items, func(item listItem) bool {
		if left() {
			return true
		}
		found := judge(item)
		if found == unknown {
			all.undecided.leaveOut(item, filter.Where)
		}
		return found != meets
	})
	if left() {
		return ctx.Err()
	}
	sortItems(all.items, filter.OrderBy)
	all.undecided.sorted(all.items, filter.OrderBy)
	return nil
}
