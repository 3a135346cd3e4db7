package emulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// lists hold which entities each list has.
type lists struct {
	mu    sync.RWMutex
	byKey map[listKey][]listItem
}

type listKey struct {
	row *row
	key string
}

// A listItem is an entity of a list: the one that is kept under the key, or one as this list alone shows it.
type listItem struct {
	key string
	own *entity
}

func (l *lists) find(r *row, key string) ([]listItem, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	items, ok := l.byKey[listKey{r, key}]
	return items, ok
}

// put sets what a list holds, unless it holds something already and must keep it.
func (l *lists) put(r *row, key string, items []listItem, keep bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, there := l.byKey[listKey{r, key}]; !there || !keep {
		l.byKey[listKey{r, key}] = items
	}
}

// add appends an item to a list that does not hold it.
func (l *lists) add(r *row, key string, it listItem) {
	l.mu.Lock()
	defer l.mu.Unlock()
	items := l.byKey[listKey{r, key}]
	if !slices.ContainsFunc(items, func(other listItem) bool { return other.key == it.key }) {
		l.byKey[listKey{r, key}] = append(slices.Clip(items), it)
	}
}

// PutList sets which entities a list holds, in that order. path is relative to the API and escaped as in a URL,
// "hosts/192.0.2.1/ports" or "articles"; ids that the list's set does not have stay out of answers. A single entity below another, such as
// "hosts/192.0.2.1/whois", is a list of one; without ids it is not found.
func (e *Emulator) PutList(path string, ids ...string) error {
	at, ok := e.routeSegments(path)
	if !ok || at.count || at.row == &at.row.of.byKey || at.row.needsSearch() {
		return fmt.Errorf("putting list: no list %q", path)
	}
	items := make([]listItem, len(ids))
	for i, id := range ids {
		items[i].key = id
	}
	e.lists.put(at.row, at.key, items, false)
	e.forget(at.row.path(at.key))
	return nil
}

// List returns the ids of the entities in a list, in the order of the world. path is as for [Emulator.PutList]; an
// unknown one has none.
func (e *Emulator) List(path string) []string {
	at, ok := e.routeSegments(path)
	if !ok || at.row == &at.row.of.byKey || at.row.needsSearch() {
		return nil
	}
	var ids []string
	for _, en := range e.entities(at.row, at.key) {
		ids = append(ids, en.id)
	}
	return ids
}

func (r *row) needsSearch() bool { return r.takes&needsSearch != 0 }

// items returns what a list holds, made now if need be.
func (e *Emulator) items(r *row, key string) []listItem {
	items, ok := e.lists.find(r, key)
	if !ok && e.makeList(r, key) {
		items, _ = e.lists.find(r, key)
	}
	return items
}

// entities returns the entities of a list that exist.
func (e *Emulator) entities(r *row, key string) []*entity {
	items := e.items(r, key)
	found := make([]*entity, 0, len(items))
	for _, it := range items {
		if en := it.own; en != nil {
			found = append(found, en)
		} else if en := e.find(r.of, it.key); en != nil {
			found = append(found, en)
		}
	}
	return found
}

// belongs reports whether a list holds the entity with that id.
func (e *Emulator) belongs(r *row, key, id string) bool {
	return slices.ContainsFunc(e.items(r, key), func(it listItem) bool { return it.key == id })
}

// listed returns what of a list is asked, before paging.
func (e *Emulator) listed(r *row, key string, l *listOptions) []*entity {
	var found []*entity
	switch {
	case l.search != nil && r.fields != nil:
		e.makeAll(r.of)
		found = e.indexes[r].find(l.search, e.sets[r.of.set], r.fields)
	default:
		found = e.entities(r, key)
	}
	if l.search != nil && l.search.word != "" {
		found = slices.DeleteFunc(found, func(en *entity) bool { return !en.holds(l.search.word) })
	}
	if l.filter != nil {
		found = slices.DeleteFunc(found, func(en *entity) bool { return !l.filter.matches(r.of, en) })
	}
	if len(l.order) > 0 {
		sortItems(r.of, found, l.order)
	}
	return found
}

// list answers one page of a list, or how many items it has.
func (e *Emulator) list(c *call, at resource, s *shape, target string, buf *buffer) answer {
	if !e.owned(at) {
		return refused(buf, errUnknownKey, c)
	}
	from := s.list.skip
	if s.list.token != "" {
		var ok bool
		if from, ok = e.readToken(at.row.path(at.key)+"?"+s.query, s.list.token); !ok {
			return refused(buf, errSkipToken, c)
		}
	}
	all := e.listed(at.row, at.key, &s.list)
	mark := len(buf.bytes)
	if at.count {
		buf.bytes = strconv.AppendInt(buf.bytes, int64(len(all)), 10)
		return answer{status: 200, contentType: "text/plain", body: buf.bytes[mark:]}
	}
	page := e.page(all, from, &s.list)
	if c.fault.is(EffectEmptyPage) {
		page = nil
	}
	buf.bytes = e.renderPage(e.head(buf.bytes, s, c, len(all)), at.row, page, s)
	if link := e.nextLink(at, s, c, target, from+len(page), len(all)); link != "" {
		buf.bytes = appendText(append(buf.bytes, `,"@odata.nextLink":`...), link)
	}
	buf.bytes = append(buf.bytes, '}')
	return answer{status: 200, body: buf.bytes[mark:]}
}

// owned reports whether there is the entity that a list or a single entity hangs on.
func (e *Emulator) owned(at resource) bool {
	return at.row.owner == "" || e.find(e.endpoints[at.row.owner], at.key) != nil
}

// maxPage is the most items that a page has, whatever $top says.
const maxPage = 1000

func (e *Emulator) page(all []*entity, from int, l *listOptions) []*entity {
	size := e.pageSize
	if l.top > 0 {
		size = min(l.top, maxPage)
	}
	if l.none {
		size = 0
	}
	from = min(from, len(all))
	return all[from:min(len(all), from+size)]
}

// head opens the answer to a list with its annotations.
func (e *Emulator) head(dst []byte, s *shape, c *call, total int) []byte {
	dst = append(dst, '{')
	if e.documented {
		return dst // no example has any
	}
	dst = appendContext(dst, s, c)
	if s.list.count {
		dst = append(dst, `"@odata.count":`...)
		dst = strconv.AppendInt(dst, int64(total), 10)
		dst = append(dst, ',')
	}
	return dst
}

// nextLink is where the next page is, or "" where there is none. It holds all options of this one.
func (e *Emulator) nextLink(at resource, s *shape, c *call, target string, next, total int) string {
	base := c.scheme + c.host
	if c.fault.is(EffectNextLinkLoop) {
		return base + "/v1.0/" + strings.TrimPrefix(target, "/")
	}
	if (next >= total || s.list.none) && !c.fault.is(EffectEmptyPage) {
		return ""
	}
	if c.fault.is(EffectNextLinkHost) {
		base = c.fault.Text
	}
	bound, query := at.row.path(at.key)+"?"+s.query, ""
	if s.query != "" {
		query = s.query + "&"
	}
	return c.fault.link(base + "/v1.0" + at.row.path(at.key) + "?" + query + "$skiptoken=" + e.writeToken(bound, next))
}

// renderPage appends the items of a page.
func (e *Emulator) renderPage(dst []byte, r *row, page []*entity, s *shape) []byte {
	dst = append(dst, `"value":[`...)
	for i, en := range page {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = e.renderItem(dst, r, en, s)
	}
	return append(dst, ']')
}

// renderItem appends one entity of a list.
func (e *Emulator) renderItem(dst []byte, r *row, en *entity, s *shape) []byte {
	dst = append(dst, '{')
	if !r.bare {
		return append(e.project(dst, r.of, en, s), '}')
	}
	k := &r.of.kinds[en.kind]
	dst = append(dst, `"@odata.type":"`...)
	dst = append(dst, k.types...)
	dst = append(dst, `","id":`...)
	dst = appendText(dst, en.id)
	dst = append(dst, k.empty...)
	return append(dst, '}')
}
