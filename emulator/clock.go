package emulator

import (
	"net/http"
	"sync/atomic"
	"time"
)

// A clock is a clock that can be moved.
type clock struct {
	source func() time.Time
	moved  atomic.Int64 // in nanoseconds
	date   atomic.Pointer[dateHeader]
}

// A dateHeader is the Date header of one second.
type dateHeader struct {
	second int64
	lines  []string
}

func (c *clock) now() time.Time { return c.source().Add(time.Duration(c.moved.Load())) }

// header returns the Date header, which is formatted once a second.
func (c *clock) header(now time.Time) []string {
	second := now.Unix()
	if d := c.date.Load(); d != nil && d.second == second {
		return d.lines
	}
	d := &dateHeader{second, []string{now.UTC().Format(http.TimeFormat)}}
	c.date.Store(d)
	return d.lines
}
