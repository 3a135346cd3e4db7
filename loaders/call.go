package loaders

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"portico/internal/sparse"
	"portico/msgraph"
)

// call is one lookup of the operation and the promise of its answer.
type call struct {
	lookup msgraph.Lookup
	sent   bool // under the loader's lock
	list   bool // what is requested is a list
	reads  func() *sparse.Properties
	next   *call // another one for the same path

	// early decodes the body when it arrives, since its response leads to other steps; nil for none. Ahead reports that
	// it did.
	early reader
	ahead bool

	body   []byte
	notice *msgraph.Notice // about the body
	err    error

	decode  sync.Once
	value   any
	invalid []msgraph.Invalid
	failed  error // of decoding

	mu       sync.Mutex
	answered atomic.Bool
	waited   chan struct{} // closed once the answer is in; nil if nobody has waited for it
	// followers wait for the answer, from the first one on.
	followers, last *follower
}

// reader decodes bodies of one type.
type reader interface {
	// read decodes that of a finished call.
	read(c *call) (any, error)
	decode(body []byte, asked msgraph.Asked) (any, []msgraph.Invalid, error)
}

// decoder is the reader for responses of one type.
type decoder[T any] func([]byte, msgraph.Asked) (T, []msgraph.Invalid, error)

func (d decoder[T]) read(c *call) (any, error) {
	_, _, err := answer(c, d)
	return c.value, err
}

func (d decoder[T]) decode(body []byte, asked msgraph.Asked) (any, []msgraph.Invalid, error) {
	return d(body, asked)
}

// follower follows where the answer to the nth step of a wave leads.
type follower struct {
	follow func(n int, c *call)
	n      int
	next   *follower
}

// resolve keeps the promise, and runs what waited for it. The first answer counts.
func (c *call) resolve(body []byte, err error) {
	c.mu.Lock()
	if c.isDone() {
		c.mu.Unlock()
		return
	}
	c.body, c.err = body, err
	if err != nil && errors.As(err, &c.notice) {
		c.err = nil
	}
	c.answered.Store(true)
	if c.waited != nil {
		close(c.waited)
	}
	first := c.followers
	c.followers, c.last = nil, nil
	c.mu.Unlock()
	for f := first; f != nil; f = f.next {
		f.follow(f.n, c)
	}
}

func (c *call) isDone() bool { return c.answered.Load() }

// done returns a channel that is closed once the answer is in.
func (c *call) done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waited == nil {
		c.waited = make(chan struct{})
		if c.isDone() {
			close(c.waited)
		}
	}
	return c.waited
}

// then lets a follower follow once the answer is in, at once if it is.
func (c *call) then(f *follower) {
	c.mu.Lock()
	done := c.isDone()
	switch {
	case done:
	case c.last == nil:
		c.followers, c.last = f, f
	default:
		c.last.next, c.last = f, f
	}
	c.mu.Unlock()
	if done {
		f.follow(f.n, c)
	}
}

// answer decodes the body of a finished call once, for all that ask. An entity that Microsoft Graph does not know is
// the zero T: not found is an answer, not an error.
func answer[T any](
	c *call, decode func([]byte, msgraph.Asked) (T, []msgraph.Invalid, error),
) (T, []msgraph.Invalid, error) {
	var none T
	switch known, err := c.known(); {
	case err != nil:
		return none, nil, err
	case !known:
		return none, nil, nil
	}
	c.decode.Do(func() {
		if !c.ahead {
			c.value, c.invalid, c.failed = decode(c.body, c.asked())
		}
		if c.notice != nil {
			c.invalid = append(c.invalid, msgraph.Invalid{Notice: c.notice})
		}
		c.mu.Lock()
		c.body = nil
		c.mu.Unlock()
	})
	value, _ := c.value.(T)
	return value, c.invalid, c.failed
}

func (c *call) asked() msgraph.Asked { return msgraph.Asked{Lookup: c.lookup, Reads: c.reads()} }

func (c *call) isReadEarly() bool { return c.early != nil }

// readEarly decodes a body that has arrived for a call, and reports whether it could. What it cannot decode is left to
// answer, and a panic as well.
func (c *call) readEarly(body []byte) (read bool) {
	if !c.isReadEarly() {
		return false
	}
	defer func() {
		if recover() != nil {
			read = false
		}
	}()
	value, invalid, err := c.early.decode(body, c.asked())
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && !c.isDone() {
		c.value, c.invalid, c.ahead = value, invalid, true
	}
	return err == nil
}

// proof reports whether the answer of a finished call proves that Microsoft Graph knows what it asked for. A body that
// cannot be read as what was asked for, a list or an entity, is an error: it proves nothing, whatever its status.
func (c *call) proof(list bool) (bool, error) {
	if known, err := c.known(); !known || err != nil {
		return false, err
	}
	c.mu.Lock()
	body := c.body
	c.mu.Unlock()
	switch {
	case body == nil: // decoded
		c.decode.Do(func() {})
		return c.failed == nil && !reflect.ValueOf(c.value).IsZero(), c.failed
	case list:
		return true, msgraph.CheckList(body)
	}
	return msgraph.HasEntity(body, msgraph.Asked{Lookup: c.lookup})
}

// known reports whether Microsoft Graph knows what a finished call asked for, by the status of its answer.
func (c *call) known() (bool, error) {
	if c.err == nil {
		return true, nil
	}
	var refused *msgraph.Error
	if errors.As(c.err, &refused) && refused.NotFound() && !c.isMisread(refused) {
		return false, nil
	}
	return false, c.err
}

// isMisread reports whether a 404 may be about another path than the one that was sent. Some servers take %2F, as in
// the id "a/b", for a slash, and then say that they have no such path. That proves nothing about the entity.
func (c *call) isMisread(refused *msgraph.Error) bool {
	return refused.UnknownPath() && strings.Contains(c.lookup.Path, "%2F")
}

// Presence is what the responses for one path say about what is there.
type Presence int

const (
	// Unsaid means that nothing was requested, or that every request failed. An error proves nothing, and neither does
	// a body that cannot be read.
	Unsaid Presence = iota
	// Absent means that Microsoft Graph does not know it.
	Absent
	// Present means that one response at least says that Microsoft Graph knows it.
	Present
)

// says is what the answer of a finished call says about what it asked for.
func (c *call) says(list bool) Presence {
	switch known, err := c.proof(list); {
	case err != nil:
		return Unsaid
	case known:
		return Present
	}
	return Absent
}
