package emulator

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"portico/emulator/odata"
)

// resource answers a GET that is not in a batch.
func (e *Emulator) resource(r *http.Request, c *call, target string, buf *buffer) answer {
	fault := e.faults.take(LoneGet, target)
	if fault == nil {
		return e.get(c, target, buf)
	}
	fault.delay(r.Context())
	if ans, ok := fault.answer(e, c, target, buf); ok {
		return ans
	}
	c.fault = fault
	ans := e.get(c, target, buf)
	fault.spoil(&ans)
	return ans
}

// get answers a GET. One in a batch and one that is not get the same body, except for an unknown path.
func (e *Emulator) get(c *call, target string, buf *buffer) answer {
	path, query, _ := strings.Cut(target, "?")
	if e.settings.observed.splitsSlash {
		path = escapedSlash.Replace(path)
	}
	ans := e.find(c, path, query, target, buf)
	if c.bare && ans.contentType == "" {
		ans.contentType, ans.body = bareType, odata.WithoutAnnotations(ans.body)
	}
	return ans
}

var escapedSlash = strings.NewReplacer("%2F", "/", "%2f", "/")

// find finds the entity or the list that a path leads to, and renders what the query selects.
func (e *Emulator) find(c *call, path, query, target string, buf *buffer) answer {
	if doc, ok := odata.Above(path); ok {
		return describe(doc, c, buf)
	}
	at, ok := e.model.Route(path)
	switch {
	case !ok && c.inBatch:
		return refused(buf, errUnknownPath, c)
	case !ok:
		return refused(buf, e.model.Unknown(path), c)
	case e.settings.observed.unlicensed:
		return refused(buf, errUnlicensed, c)
	}
	if at.List != nil && !e.Has(at.List, at.Owner, at.Key) {
		return refused(buf, errUnknownKey, c)
	}
	if body := e.published(at, query, c); body != nil {
		return answer{status: http.StatusOK, body: body}
	}
	q, err := e.queries.Parse(at.Accepts(), query)
	if err != nil {
		return refused(buf, err, c)
	}
	if !at.Endpoint.Single {
		return e.list(c, at, q, target, buf)
	}
	en := e.single(at)
	if en == nil {
		return refused(buf, errUnknownKey, c)
	}
	mark := len(buf.bytes)
	buf.bytes = e.render(buf.bytes, at.Endpoint.Of, en, q, c)
	return answer{status: http.StatusOK, body: buf.bytes[mark:]}
}

// published returns the published response to a request, or nil. A query string is looked up only if it resembles one
// of the published ones, because most requests have another.
func (e *Emulator) published(at odata.Resource, query string, c *call) []byte {
	usual := query == "" || strings.Contains(query, "earch=") || strings.Contains(query, "skip=5")
	if e.settings.strict || at.Count || c.fault.onPage() || !usual {
		return nil
	}
	key := at.Path()
	if query != "" {
		plain, err := url.QueryUnescape(query)
		if err != nil {
			return nil
		}
		key += "?" + plain
	}
	return e.Answer(key)
}

// single returns the one entity that a path leads to, or nil.
func (e *Emulator) single(at odata.Resource) *odata.Entity {
	if at.Endpoint.ByKey() {
		return e.Find(at.Endpoint.Of.Name, at.Key)
	}
	if found := e.Items(at.Endpoint, at.Key); len(found) > 0 && e.hasOwner(at) {
		return found[0]
	}
	return nil
}

// hasOwner reports whether the entity that a list or a single entity is below exists.
func (e *Emulator) hasOwner(at odata.Resource) bool {
	return at.Endpoint.Owner == "" || e.Find(at.Endpoint.Owner, at.Key) != nil
}

// list answers one page of a list, or the number of its items.
func (e *Emulator) list(c *call, at odata.Resource, q *odata.Query, target string, buf *buffer) answer {
	if !e.hasOwner(at) {
		return refused(buf, errUnknownKey, c)
	}
	from := q.Skip
	if q.Token != "" {
		var ok bool
		if from, ok = e.pages.read(at.Path()+"?"+q.Text, q.Token); !ok {
			return refused(buf, odata.BadSkipToken(), c)
		}
	}
	all := e.matching(at, q)
	mark := len(buf.bytes)
	if at.Count {
		buf.bytes = strconv.AppendInt(buf.bytes, int64(len(all)), 10)
		return answer{status: http.StatusOK, contentType: "text/plain", body: buf.bytes[mark:]}
	}
	page := e.page(all, from, q)
	if c.fault.is(EffectEmptyPage) {
		page = nil
	}
	buf.bytes = e.renderPage(e.appendHead(buf.bytes, q, c, len(all)), at.Endpoint, page, q)
	if link := e.nextLink(at, q, c, target, from+len(page), len(all)); link != "" {
		buf.bytes = odata.AppendString(append(buf.bytes, `,"@odata.nextLink":`...), link)
	}
	buf.bytes = append(buf.bytes, '}')
	return answer{status: http.StatusOK, body: buf.bytes[mark:]}
}

// matching returns the items of a list that match the query, in its order, before paging.
func (e *Emulator) matching(at odata.Resource, q *odata.Query) []*odata.Entity {
	if at.Endpoint.NeedsSearch() {
		return q.Arrange(at.Endpoint.Of, e.Search(at.Endpoint, q))
	}
	return q.Arrange(at.Endpoint.Of, e.Items(at.Endpoint, at.Key))
}

func (e *Emulator) page(all []*odata.Entity, from int, q *odata.Query) []*odata.Entity {
	size := e.settings.pageSize
	if q.Top > 0 {
		size = min(q.Top, maxPage)
	}
	if q.Empty {
		size = 0
	}
	from = min(from, len(all))
	return all[from:min(len(all), from+size)]
}

// nextLink returns the URL of the next page, or "" if there is none. It has all options of this one.
func (e *Emulator) nextLink(at odata.Resource, q *odata.Query, c *call, target string, next, total int) string {
	base := c.at.String()
	if c.fault.is(EffectNextLinkLoop) {
		return base + "/v1.0/" + strings.TrimPrefix(target, "/")
	}
	if (next >= total || q.Empty) && !c.fault.is(EffectEmptyPage) {
		return ""
	}
	if c.fault.is(EffectNextLinkHost) {
		base = c.fault.Text
	}
	query := ""
	if q.Text != "" {
		query = q.Text + "&"
	}
	return c.fault.link(base + "/v1.0" + at.Path() + "?" + query + "$skiptoken=" +
		e.pages.write(at.Path()+"?"+q.Text, next))
}
