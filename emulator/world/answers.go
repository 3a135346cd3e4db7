package world

import (
	"bytes"
	"maps"
	"strings"
	"sync"

	"portico/emulator/odata"
)

// Answers are the published examples, letter for letter, by the URLs of the requests on their pages.
type answers struct {
	mu    sync.RWMutex
	byURL map[string][]byte // path, and a question mark with the decoded query string if there is one
}

func (a *answers) find(url string) []byte {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.byURL[url]
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
