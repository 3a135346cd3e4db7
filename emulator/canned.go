package emulator

import (
	"bytes"
	"maps"
	"net/url"
	"strings"
	"sync"
)

// cannedAnswers are the published examples, letter for letter, by the requests that their pages show.
type cannedAnswers struct {
	mu    sync.RWMutex
	byURL map[string][]byte // path, and the decoded query string after a question mark where there is one
}

// cannedAnswer returns the published answer to a request, or nil.
func (e *Emulator) cannedAnswer(at resource, query string, c *call) []byte {
	if e.strict || at.count || c.fault.onPage() || query != "" && !strings.Contains(query, "earch=") &&
		!strings.Contains(query, "skip=5") {
		return nil
	}
	key := at.row.path(at.key)
	if query != "" {
		plain, err := url.QueryUnescape(query)
		if err != nil {
			return nil
		}
		key += "?" + plain
	}
	e.canned.mu.RLock()
	defer e.canned.mu.RUnlock()
	return e.canned.byURL[key]
}

// forget drops the published answers at a path, since what it leads to was changed.
func (e *Emulator) forget(path string) {
	e.canned.drop(func(url string, _ []byte) bool {
		plain, _, _ := strings.Cut(url, "?")
		return plain == path
	})
}

// forgetEntity drops the published answers in which an entity stands.
func (e *Emulator) forgetEntity(id string) {
	text := appendText([]byte(`"id":`), id)
	e.canned.drop(func(_ string, body []byte) bool { return bytes.Contains(body, text) })
}

func (c *cannedAnswers) drop(stale func(url string, body []byte) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.byURL, stale)
}
