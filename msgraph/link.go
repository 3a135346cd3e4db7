package msgraph

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// maxLink is the longest query string, in bytes, of a link that is followed. Servers and proxies commonly refuse longer
// ones, and a cursor that holds one has to fit into a request.
const maxLink = 8 << 10

// NextPage returns the query string of a link to the next page, if the link goes on with the list at path, which is
// relative to the version root; false otherwise. Only the query string is used, on path itself, so that no link takes a
// request, and what authorises it, elsewhere. For the same reason the host of the link does not matter: behind a
// gateway it is another one. What has to agree is the resource, in any of the forms in which OData writes it.
func (c *Client) NextPage(path, link string) (query string, ok bool) {
	link, _, _ = strings.Cut(link, "#")
	link, query, _ = strings.Cut(link, "?")
	if query == "" || strings.ContainsFunc(link+query, unicode.IsControl) {
		return "", false
	}
	here, there := segments(path), segments(pathOf(link))
	if strings.HasPrefix(pathOf(link), "/") {
		ok = endsWith(there, here)
	} else {
		ok = endsWith(here, there)
	}
	if !ok {
		return "", false
	}
	if query = escapedQuery(query); len(query) > maxLink {
		return "", false
	}
	return query, true
}

// SamePage reports whether two query strings request the same page of a list. What is selected of the items does not
// matter: a request may select more than one of those that share it.
func SamePage(query, other string) bool {
	if query == other {
		return true
	}
	a, errA := url.ParseQuery(query)
	b, errB := url.ParseQuery(other)
	for _, name := range []string{"$select", "$expand", "$count"} {
		a.Del(name)
		b.Del(name)
	}
	return errA == nil && errB == nil && maps.EqualFunc(a, b, slices.Equal)
}

// pathOf takes the scheme and the authority off a link.
func pathOf(link string) string {
	scheme, rest, ok := strings.Cut(link, "//")
	if !ok || scheme != "" && !strings.HasSuffix(scheme, ":") {
		return link
	}
	_, path, _ := strings.Cut(rest, "/")
	return "/" + path
}

// endsWith reports whether the last of the segments are those of end, in any letter case.
func endsWith(all, end []string) bool {
	if len(all) < len(end) {
		return false
	}
	for i, segment := range all[len(all)-len(end):] {
		if !strings.EqualFold(segment, end[i]) {
			return false
		}
	}
	return true
}

// segments splits an escaped path into its unescaped segments. A key in parentheses, "hosts('a')" or "hosts(id='a')",
// is a segment of its own, as in "hosts/a".
func segments(path string) (list []string) {
	for _, segment := range splitPath(path) {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			plain = segment
		}
		name, key, ok := cutKey(plain)
		if list = append(list, name); ok {
			list = append(list, key)
		}
	}
	return list
}

// splitPath splits a path at its slashes, but for those in a quoted key.
func splitPath(path string) []string {
	inKey := false
	return strings.FieldsFunc(path, func(r rune) bool {
		if r == '\'' {
			inKey = !inKey
		}
		return r == '/' && !inKey
	})
}

// cutKey cuts a key in parentheses off a segment.
func cutKey(segment string) (name, key string, ok bool) {
	name, key, ok = strings.Cut(strings.TrimSuffix(segment, ")"), "(")
	if !ok || name == "" || !strings.HasSuffix(segment, ")") {
		return segment, "", false
	}
	if property, value, named := strings.Cut(key, "="); named && isName(property) {
		key = value
	}
	if n := len(key); n >= 2 && key[0] == '\'' && key[n-1] == '\'' {
		key = strings.ReplaceAll(key[1:n-1], "''", "'")
	}
	return name, key, key != ""
}

// isName reports whether a text is the name of a key property, not the beginning of a key such as base64 ending in "=".
func isName(text string) bool { return text == "id" }

// escapedQuery escapes what may not stand in a query string as it is. Some links hold blanks.
func escapedQuery(query string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>\^`+"`{|}", c) >= 0 {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
