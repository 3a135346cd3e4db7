package world

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"sync"

	"portico/emulator/odata"
)

// Answers are the published examples, letter for letter, by the URLs of the requests on their pages.
type answers struct {
	mu    sync.RWMutex
	byURL map[string][]byte // path, and a question mark with the decoded query string if there is one, sorted
}

func (a *answers) put(url string, body []byte) { a.byURL[sorted(url)] = body }

func (a *answers) find(url string) []byte {
	url = sorted(url)
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.byURL[url]
}

// sorted sorts the options of a decoded query string, because client libraries send them in an order of their own. They
// also split the one published value that contains an ampersand, so the URL is split there too.
func sorted(url string) string {
	path, query, found := strings.Cut(url, "?")
	if !found {
		return url
	}
	options := strings.Split(query, "&")
	slices.Sort(options)
	return path + "?" + strings.Join(options, "&")
}

// drop drops the answers of a path, because what is there has changed.
func (a *answers) drop(path string) {
	a.dropIf(func(url string, _ []byte) bool {
		plain, _, _ := strings.Cut(url, "?")
		return plain == path
	})
}

// dropWith drops the answers that contain an entity.
func (a *answers) dropWith(id string) {
	text := odata.AppendString([]byte(`"id":`), id)
	a.dropIf(func(_ string, body []byte) bool { return bytes.Contains(body, text) })
}

func (a *answers) dropIf(stale func(url string, body []byte) bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.byURL, stale)
}
