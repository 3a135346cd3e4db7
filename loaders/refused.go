package loaders

import (
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"portico/msgraph"
)

// Refused remembers which system query options an endpoint turned out to refuse, so that they are sent to it once and
// not again. What it leaves out costs bytes, a further request or a count, and makes no answer wrong: $filter, $search,
// $orderby and $skip are never left out. One is shared by all operations of a process.
type Refused struct {
	log      *slog.Logger
	endpoint func(path string) string
	learned  func(endpoint string)

	mu      sync.RWMutex
	options map[string]map[string]bool // by endpoint, by option
}

// NewRefused returns a memory that knows of no refusal. It warns of each once. endpoint returns the name of the
// endpoint of a path: the path without its keys, or any other text that the paths of one endpoint have in common.
// learned is told the name whenever something new was learned of an endpoint; it may be nil.
func NewRefused(log *slog.Logger, endpoint func(path string) string, learned func(endpoint string)) *Refused {
	if learned == nil {
		learned = func(string) {}
	}
	return &Refused{log: log, endpoint: endpoint, learned: learned, options: map[string]map[string]bool{}}
}

// refusal is how an endpoint words it; seen at other services of Microsoft Graph, and in the emulator.
var refusal = regexp.MustCompile(`(?i)query option '\$?(select|expand|count|top)' is not allowed`)

// learn reports whether an error says that an option of the lookup is refused, and remembers it.
func (r *Refused) learn(lookup msgraph.Lookup, err error) bool {
	upstream, ok := errors.AsType[*msgraph.Error](err)
	if !ok || upstream.Status != http.StatusBadRequest || quotable(lookup) {
		return false
	}
	found := refusal.FindStringSubmatch(upstream.Message)
	if found == nil {
		return false
	}
	option, at := strings.ToLower(found[1]), r.endpoint(lookup.Path)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.options[at] == nil {
		r.options[at] = map[string]bool{}
	}
	if !r.options[at][option] {
		r.log.Warn("Microsoft Graph endpoint refuses a query option; it is no longer sent",
			"endpoint", at, "option", "$"+option, "request_id", upstream.RequestID)
		r.learned(at)
	}
	r.options[at][option] = true
	return true
}

// quotable reports whether a lookup holds a caller's text that the message of a refusal could repeat.
func quotable(lookup msgraph.Lookup) bool {
	return lookup.Query.Page.Search != "" || lookup.Query.Page.Filter != "" || strings.Contains(lookup.Path, "allowed")
}

// without returns the lookup without the options that its endpoint refuses.
func (r *Refused) without(lookup msgraph.Lookup) msgraph.Lookup {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.options) == 0 { // the usual case: skip naming the endpoint
		return lookup
	}
	for option := range r.options[r.endpoint(lookup.Path)] {
		switch option {
		case "select":
			lookup.Query.Unselected = true
		case "expand":
			lookup.Query = unexpanded(lookup.Query)
		case "count":
			lookup.Query.Page.Count = false
		case "top":
			lookup.Query.Page.Top = 0
		}
	}
	return lookup
}

// unexpanded asks for references in place of what was to be expanded.
func unexpanded(query msgraph.Query) msgraph.Query {
	query.Select, query.Expand = query.Select.Union(query.Expand), ""
	return query
}
