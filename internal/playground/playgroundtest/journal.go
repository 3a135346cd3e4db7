package playgroundtest

import (
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// journal is what the page did, in the order in which the browser told it.
type journal struct {
	mu       sync.Mutex
	requests []string
	errors   []string
}

// record is called for each event of the page, before any command that follows the event returns.
func (j *journal) record(event any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		j.requests = append(j.requests, e.Request.Method+" "+e.Request.URL)
	case *runtime.EventExceptionThrown:
		j.errors = append(j.errors, exception(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "assert" {
			j.errors = append(j.errors, words(e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			j.errors = append(j.errors, strings.TrimSpace(e.Entry.Text+" "+e.Entry.URL))
		}
	}
}

func (j *journal) sent() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.requests)
}

func (j *journal) complaints() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.errors)
}

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

func words(args []*runtime.RemoteObject) string {
	texts := make([]string, len(args))
	for i, arg := range args {
		if texts[i] = arg.Description; texts[i] == "" {
			texts[i] = string(arg.Value)
		}
	}
	return strings.Join(texts, " ")
}
