package failure

import (
	"cmp"
	"sync"
	"time"
)

// linesPerSecond is how many log lines one key may cause in a second by default.
const linesPerSecond = 10

// maxKeys bounds the keys in one second; those beyond share one.
const maxKeys = 1000

// Limiter bounds how often failures are logged, so that an outage of a service fills no disk. Its zero value is ready.
// It is safe for concurrent use.
type Limiter struct {
	// Lines is how many lines a key may cause in a second; 10 if it is 0.
	Lines int

	mu      sync.Mutex
	windows map[string]*window
}

// window counts the lines of one key in the second that began at start.
type window struct {
	start             time.Time
	lines, suppressed int
}

// Allow reports whether a failure under the key may be logged now, and how many were not since the last that was.
func (l *Limiter) Allow(key string, now time.Time) (suppressed int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := l.window(key, now)
	if now.Sub(w.start) >= time.Second || now.Before(w.start) {
		w.start, w.lines = now, 0
	}
	if w.lines >= cmp.Or(l.Lines, linesPerSecond) {
		w.suppressed++
		return 0, false
	}
	w.lines++
	suppressed, w.suppressed = w.suppressed, 0
	return suppressed, true
}

func (l *Limiter) window(key string, now time.Time) *window {
	if l.windows == nil {
		l.windows = map[string]*window{}
	}
	if _, known := l.windows[key]; !known && len(l.windows) >= maxKeys {
		key = ""
	}
	if l.windows[key] == nil {
		l.windows[key] = &window{start: now}
	}
	return l.windows[key]
}
