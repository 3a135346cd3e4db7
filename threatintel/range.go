package threatintel

import (
	"fmt"
	"time"
)

// Range is a range of time with both ends, cut to milliseconds as responses are. Without an end it has no last instant.
type Range struct{ from, to time.Time }

// Since is the range from a time on. A date, such as 2026-11-01, is the start of that day in UTC.
func Since(text string) Range {
	from, _ := instants(text)
	return Range{from: from.Truncate(time.Millisecond)}
}

// Between is the range from a time to another. A date stands for the whole day. The error is for the caller.
func Between(from, to string) (r Range, err error) {
	r.from, _ = instants(from)
	_, r.to = instants(to)
	if r.to.Before(r.from) {
		err = &InputError{fmt.Sprintf("must not be later than `to` (got %s and %s)", from, to)}
	}
	r.from, r.to = r.from.Truncate(time.Millisecond), r.to.Truncate(time.Millisecond)
	return r, err
}

// Overlaps reports whether the time from the first to the last instant, as DateTime.Shown returns them, overlaps the
// range. If one of them is null, the other stands for both; nothing overlaps if both are.
func (r Range) Overlaps(first, last time.Time) bool {
	if first.IsZero() {
		first = last
	}
	if last.IsZero() {
		last = first
	}
	return !last.IsZero() && !last.Before(r.from) && (r.to.IsZero() || !first.After(r.to))
}

// IsDate reports whether a text is a date without a time, such as 2026-11-01.
func IsDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// instants returns the first and the last instant of a time, or of a day.
func instants(text string) (first, last time.Time) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, day.AddDate(0, 0, 1).Add(-1)
	}
	at := DateTime(text).Time()
	return at, at
}
