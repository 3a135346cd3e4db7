package msgraph

import (
	"strings"
	"time"
)

// fetch is one call of Fetch.
type fetch struct {
	*Client
	lane   *lane
	caller string // whose turn it is to send
	trace  *Trace
	done   func(i int, body []byte, err error)
}

// call is one resource to get.
type call struct {
	index int // in the caller's list
	url   string
	tried int // attempts so far

	due     time.Time // not to be sent before
	renewed bool      // a 401 was answered with another authorisation
	broken  int       // batch answers that broke off before this one's item
}

// few is the number of calls up to which plain GETs are cheaper than a batch.
const few = 2

// settle tells the caller how a call ended.
func (f *fetch) settle(one call, out outcome) {
	switch {
	case out.failure != nil:
		f.done(one.index, nil, out.failure)
	case out.notice != nil:
		f.done(one.index, out.body, out.notice)
	default:
		f.done(one.index, out.body, nil)
	}
}

func (f *fetch) settleAll(calls []call, out outcome) {
	for _, one := range calls {
		f.settle(one, out)
	}
}

// path returns the resource of a call, whatever is selected of it.
func (one call) path() string {
	path, _, _ := strings.Cut(one.url, "?")
	return path
}

// sending describes a request with a number of items. attempt is 1 for what is sent for the first time.
func (f *fetch) sending(items, attempt int) Sending {
	s := Sending{Items: items, Attempt: attempt}
	if f.trace != nil {
		s.Wave = f.trace.wave
	}
	return s
}

// attempt returns the attempt of the call that was tried most often.
func attempt(calls []call) (n int) {
	for _, one := range calls {
		n = max(n, one.tried+1)
	}
	return n
}
