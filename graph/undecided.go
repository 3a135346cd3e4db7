package graph

import (
	"fmt"
	"strings"

	"portico/graph/plan"
	"portico/msgraph"
)

// undecided counts the items of a list of which a value that `where` or `orderBy` reads could not be read.
type undecided struct {
	leftOut int             // may meet the conditions
	last    int             // come last, although they have a date
	first   msgraph.Invalid // the first of these values
}

// leaveOut counts an item that may meet the conditions.
func (u *undecided) leaveOut(item listItem, where []plan.Condition) {
	var paths [][]string
	for _, condition := range where {
		paths = append(paths, condition.On...)
	}
	if isNone(item.value) {
		paths = append(paths, nil) // any of its values
	}
	bad, _ := item.unreadableAt(paths...)
	u.note(bad)
	u.leftOut++
}

// sorted counts the items that come last because their date could not be read.
func (u *undecided) sorted(items []listItem, by plan.Order) {
	if by.Property == "" {
		return
	}
	for _, item := range items {
		if bad, found := item.unreadableAt([]string{by.Property}); found && item.at.IsZero() {
			u.note(bad)
			u.last++
		}
	}
}

func (u *undecided) note(bad msgraph.Invalid) {
	if u.leftOut+u.last == 0 {
		u.first = bad
	}
}

// message tells the caller what is undecided.
func (u *undecided) message() string {
	text := "Microsoft Graph returned values that do not match their types, which `where` or `orderBy` needs" +
		u.where() + "."
	if u.leftOut > 0 {
		text += fmt.Sprintf(" Items that Portico left out although they may meet the conditions: %d.", u.leftOut)
	}
	if u.last > 0 {
		text += fmt.Sprintf(" Items that come last because their date is unknown: %d.", u.last)
	}
	return text
}

// where names the property of the first value, if it is known.
func (u *undecided) where() string {
	names := namesOf(u.first.Path)
	if len(names) == 0 {
		return ""
	}
	return " (the first is `" + strings.Join(names, ".") + "`)"
}
