package msgraph

import (
	"bytes"
	"errors"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// List is one page of a list.
// https://learn.microsoft.com/graph/paging
type List[T any] struct {
	Items []T `json:"value"`
	// Count is how many there are in all, nil unless it was asked for and told.
	Count *int64 `json:"@odata.count"`
	// NextLink is where the list goes on, empty at its end. It is opaque.
	NextLink string `json:"@odata.nextLink"`
}

var errNoList = errors.New("list without value")

// Collection decodes a page of entities of one type, strictly first and then leniently, as Entity does. The paths of
// values that could not be read begin with "value" and an index. An entity without a usable id becomes nil, and its id
// one Invalid. A null in place of an entity is one, too.
func Collection[E any](body []byte, asked Asked) (*List[*E], []Invalid, error) {
	list, invalid, err := decode[List[*E]](body, asked.Reads, 1)
	if err != nil {
		return nil, nil, badResponse(err)
	}
	if list.Items == nil {
		return nil, nil, badResponse(errNoList)
	}
	for i, entity := range list.Items {
		switch at := []string{"value", strconv.Itoa(i)}; {
		case entity == nil:
			invalid = noted(invalid, Invalid{Path: at, Raw: "null"})
		case !hasID(entity):
			list.Items[i] = nil
			invalid = noted(invalid, Invalid{Path: append(at, "id")})
		}
	}
	return list, invalid, nil
}

// noted appends a value that could not be read, unless it is there already.
func noted(invalid []Invalid, one Invalid) []Invalid {
	if slices.ContainsFunc(invalid, func(bad Invalid) bool { return slices.Equal(bad.Path, one.Path) }) {
		return invalid
	}
	return append(invalid, one)
}

// CheckList reports, without decoding its items, whether a body that is one JSON value is a page of a list. The error
// is an *Error of kind BadResponse.
func CheckList(body []byte) error {
	if rest, ok := bytes.CutPrefix(firstMember(body), []byte(`"value":`)); ok &&
		bytes.HasPrefix(space(rest), []byte("[")) {
		return nil
	}
	var list struct {
		Value jsontext.Value `json:"value"`
	}
	switch err := json.Unmarshal(body, &list, lax); {
	case err != nil:
		return badResponse(err)
	case list.Value.Kind() != '[':
		return badResponse(errNoList)
	}
	return nil
}

// Untyped returns the page with items of any type.
func (l *List[T]) Untyped() *List[any] {
	if l == nil {
		return nil
	}
	return Map(l, func(item T) any { return item })
}

// Goes returns how many items the page has, and the link with which the list goes on after it, empty at its end.
func (l *List[T]) Goes() (items int, link string) {
	if l == nil {
		return 0, ""
	}
	return len(l.Items), l.NextLink
}

// Cut returns the page without its first drop items, and with at most first items after them.
func (l *List[T]) Cut(drop, first int) any {
	if l == nil {
		return nil
	}
	items := l.Items[min(drop, len(l.Items)):]
	return &List[T]{Items: items[:min(first, len(items))]}
}

// Map returns a page of the same place in the same list, with other items.
func Map[T, U any](list *List[T], to func(T) U) *List[U] {
	items := make([]U, len(list.Items))
	for i, item := range list.Items {
		items[i] = to(item)
	}
	return &List[U]{Items: items, Count: list.Count, NextLink: list.NextLink}
}
