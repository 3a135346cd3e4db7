package graph

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

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
	truncated bool              // there are more pages than Portico reads
	err       error
}

// listItem is an item of a list, with its values that could not be read: their paths start inside the item.
type listItem struct {
	value   any
	invalid []msgraph.Invalid
	at      time.Time // what the list is sorted by
}

var errUnfiltered = errors.New("a list was not filtered")

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
		all.items, all.notices, all.unknown, all.truncated = read.items, read.notices, read.unknown, read.truncated
		if all.err = read.err; all.err == nil {
			all.err = all.apply(ctx, l.all(page.Filter.Where), page.Filter.OrderBy)
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
			all.unknown, all.truncated = n == 0, n > 0 // a list that ends while it is read is truncated
			return nil
		}
		all.add(list.Items, invalid)
		all.truncated = list.NextLink != ""
		if !all.truncated || len(list.Items) == 0 || !page.Continue(len(all.items), from.linkAfter(at, list.NextLink)) {
			return nil
		}
	}
	return nil
}

// add adds the items of a page, each with its values that could not be read.
func (all *filteredList) add(items []any, invalid []msgraph.Invalid) {
	start := len(all.items)
	for _, item := range items {
		all.items = append(all.items, listItem{value: item})
	}
	for _, value := range invalid {
		if value.Notice != nil {
			all.notices = append(all.notices, value)
		}
		if len(value.Path) < 2 {
			continue
		}
		if i, ok := plan.Index(value.Path[1]); ok && i < len(items) {
			value.Path = value.Path[2:]
			all.items[start+i].invalid = append(all.items[start+i].invalid, value)
		}
	}
}

// apply drops what does not meet the conditions, and sorts the rest. It ends with its context.
func (all *filteredList) apply(ctx context.Context, holds test, by plan.Order) error {
	all.items = slices.DeleteFunc(all.items, func(item listItem) bool {
		return isNone(item.value) || ctx.Err() != nil || !holds(item.value)
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	sortItems(all.items, by)
	return nil
}

// isNone reports whether an item was unreadable.
func isNone(item any) bool {
	value := reflect.ValueOf(item)
	return !value.IsValid() || (value.Kind() == reflect.Pointer && value.IsNil())
}
