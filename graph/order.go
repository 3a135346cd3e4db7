package graph

import (
	"slices"
	"time"

	"portico/graph/plan"
)

// sortItems sorts the items of a list by a date. Equal ones stay in their order, and those without the date come last.
func sortItems(items []listItem, by plan.Order) {
	if by.Property == "" {
		return
	}
	path := []string{by.Property}
	for i, item := range items {
		items[i].at = timeAt(item.value, path)
	}
	slices.SortStableFunc(items, func(a, b listItem) int { return compareTimes(a.at, b.at, by.Descending) })
}

func compareTimes(a, b time.Time, descending bool) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	case descending:
		return b.Compare(a)
	}
	return a.Compare(b)
}
