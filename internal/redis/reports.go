package redis

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// reports logs each change once, so that a Redis that is away for hours does not fill the log.
type reports struct {
	log *slog.Logger

	mu     sync.Mutex
	reason string    // that was logged last; empty while Redis answers
	full   time.Time // when it was last logged that writes are refused
}

// away logs that Redis does not answer any more.
func (r *reports) away(err error) {
	r.change("Redis does not answer; Portico goes on without it", reasonOf(err))
}

// unreachable logs why Redis cannot be used, if that is news.
func (r *reports) unreachable(err error) {
	reason := reasonOf(err)
	switch {
	case strings.HasPrefix(reason, "WRONGPASS"), strings.HasPrefix(reason, "NOAUTH"):
		r.change("Redis refused the password; Portico goes on without it: correct PORTICO_CACHE_PASSWORD, or the "+
			"password in PORTICO_CACHE, and restart", reason)
	case strings.HasPrefix(reason, "NOPERM"):
		r.change("Redis refused a command; Portico goes on without it: grant the commands in docs/operations.md", reason)
	case isAnswer(err):
		r.change("Redis refused the connection; Portico goes on without it", reason)
	default:
		r.change("Redis is not reachable; Portico goes on without it", reason)
	}
}

// isAnswer reports whether an error is an answer of Redis.
func isAnswer(err error) bool {
	_, ok := rueidis.IsRedisErr(err)
	return ok
}

func (r *reports) change(text, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reason == text { // the error itself may change between attempts
		return
	}
	r.reason = text
	r.log.Warn(text, "reason", reason)
}

// reached logs that Redis answers.
func (r *reports) reached() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reason = ""
	r.log.Info("connected to Redis")
}

// fullQuiet is how long a refused write is not logged again.
const fullQuiet = time.Minute

// refused logs that Redis does not take writes.
func (r *reports) refused(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.full) >= fullQuiet {
		r.full = now
		r.log.Warn("Redis refuses writes; Portico goes on without them: if it is full, set maxmemory-policy to "+
			"allkeys-lru or raise maxmemory", "reason", reasonOf(err))
	}
}

// refusals are texts of Redis, without the code ERR, that name nothing of a command or a setting.
var refusals = []string{"DB index is out of range", "max number of clients reached"}

// reasonOf describes an error in a few words of our own, or by the code of Redis's answer. The rest of an error may
// hold addresses, or the command with its values.
func reasonOf(err error) string {
	if answer, ok := rueidis.IsRedisErr(err); ok {
		text := answer.Error()
		code, _, _ := strings.Cut(text, " ")
		switch {
		case slices.Contains(refusals, text):
			return text
		case code != strings.ToUpper(code):
			return "ERR"
		}
		return code
	}
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case strings.Contains(err.Error(), "certificate"), strings.Contains(err.Error(), "tls:"):
		return "TLS handshake failed"
	}
	return "connection failed"
}
