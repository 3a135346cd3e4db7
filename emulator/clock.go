package emulator

import (
	"net/http"
	"time"
)

// A stamp is the Date header of one second.
type stamp struct {
	second int64
	header []string
}

// Now returns the time by the emulator's clock.
func (e *Emulator) Now() time.Time { return e.baseNow().Add(time.Duration(e.moved.Load())) }

// Advance moves the emulator's clock: forward, so that tokens expire, or back with a negative duration. Date headers,
// token lifetimes and Retry-After dates follow it.
func (e *Emulator) Advance(d time.Duration) { e.moved.Add(int64(d)) }

// dateHeader renders the Date header once a second.
func (e *Emulator) dateHeader(now time.Time) []string {
	second := now.Unix()
	if s := e.date.Load(); s != nil && s.second == second {
		return s.header
	}
	s := &stamp{second, []string{now.UTC().Format(http.TimeFormat)}}
	e.date.Store(s)
	return s.header
}
