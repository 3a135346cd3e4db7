//go:build interop

package redis_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"portico/internal/redis"
	"portico/internal/redis/redistest"
	"portico/internal/service/servicetest"
)

func TestInteropReplicasShareQuotas(t *testing.T) {
	s := redistest.Start(t)
	a, b := join(t, s, nil), join(t, s, nil)
	a.connected(t)
	b.connected(t)
	const limit = 1_000_000 // so that what flows in during the test is told from what was taken
	ours, theirs := redis.NewQuotas(a.Client, limit), redis.NewQuotas(b.Client, limit)
	if state, granted := ours.Take(t.Context(), "ada", limit, false); !granted || state.Left > limit/2 || state.Limit != limit {
		t.Errorf("%v %+v", granted, state)
	}
	if state, granted := theirs.Take(t.Context(), "ada", limit, false); granted || state.Wait <= 0 {
		t.Errorf("the other replica: %v %+v", granted, state)
	}
	if _, granted := theirs.Take(t.Context(), "bob", limit, false); !granted {
		t.Error("ada took from bob")
	}
	ours.Take(t.Context(), "ada", -limit, true) // it cost nothing in the end
	a.written(t, 1)
	if state, granted := theirs.Take(t.Context(), "ada", limit/2, false); !granted || state.Left < 0 {
		t.Errorf("after a correction: %v %+v", granted, state)
	}
	s.Kill()
	theirs.Take(t.Context(), "ada", 1, true) // makes the loss known at the latest
	b.away(t)
	if state, granted := theirs.Take(t.Context(), "ada", limit, false); granted || state.Left > limit*3/4 {
		t.Errorf("without Redis, the replica forgot what was taken: %v %+v", granted, state)
	}
}

func TestInteropReplicasLearnOfPauses(t *testing.T) {
	s := redistest.Start(t)
	start := func() (replica, *redis.Pauses) {
		var p *redis.Pauses
		r := join(t, s, func(_ *redis.Settings, c *redis.Client) {
			if c != nil {
				p = redis.NewPauses(c)
			}
		})
		r.connected(t)
		return r, p
	}
	a, told := start()
	_, learner := start()
	if until := learner.Until("ada"); !until.IsZero() {
		t.Errorf("paused before: %v", until)
	}
	told.Stop("ada", time.Minute)
	told.Stop("eve", time.Hour)
	a.written(t, 2)
	left := func(p *redis.Pauses, identity string) time.Duration { return time.Until(p.Until(identity)) }
	servicetest.Eventually(t, "the pauses are known", func() bool { return left(learner, "ada") > 0 && left(learner, "eve") > 0 })
	_, late := start()
	servicetest.Eventually(t, "they are known to a replica that starts", func() bool { return left(late, "ada") > 0 })
	if got := left(learner, "ada"); got > time.Minute {
		t.Errorf("ada pauses for %v", got)
	}
	if got := left(learner, "eve"); got > 5*time.Minute {
		t.Errorf("eve pauses for %v because Redis says so", got)
	}
	if until := learner.Until("bob"); !until.IsZero() {
		t.Errorf("bob pauses, too: %v", until)
	}
	told.Stop("ada", time.Second) // does not shorten
	a.written(t, 3)
	if got := left(learner, "ada"); got < 2*time.Second {
		t.Errorf("the pause was shortened to %v", got)
	}
}

// The ACL in docs/operations.md is enough for all that Portico does, and for nothing else.
func TestInteropTheDocumentedPermissionsSuffice(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ACL SETUSER portico .*$`).FindString(string(text))
	s := redistest.Start(t)
	s.Command(strings.Fields(strings.Replace(line, "PASSWORD", "secret", 1))...)
	changed := make(chan string, 10)
	var pauses *redis.Pauses
	start := func() replica {
		return join(t, s, func(set *redis.Settings, c *redis.Client) {
			set.URL = strings.Replace(s.URL, "unix://", "unix://portico:secret@", 1)
			if c != nil {
				c.Room("entity").OnChange(func(name string) { changed <- name })
				pauses = redis.NewPauses(c)
			}
		})
	}
	a, b := start(), start()
	a.connected(t)
	b.connected(t)
	room := a.Room("entity")
	room.Set(room.Name("one"), []byte("1"), time.Hour)
	room.Set(room.Name("two"), []byte("2"), time.Hour)
	room.Delete(room.Name("two"))
	pauses.Stop("ada", time.Minute)
	quotas := redis.NewQuotas(a.Client, 10)
	quotas.Take(t.Context(), "ada", 1, true)
	a.written(t, 4)
	b.written(t, 1)
	if _, granted := quotas.Take(t.Context(), "ada", 10, false); granted {
		t.Error("more was granted than the limit")
	}
	select {
	case <-changed:
	case <-time.After(patient):
		t.Error("the other replica was not told of a write")
	}
	if got := get(t, b, "entity", "one"); got != "1" {
		t.Errorf("got %q", got)
	}
	if err := b.Room("mark").Put(t.Context(), b.Room("mark").Name("one"), []byte("x"), time.Hour); err != nil {
		t.Error(err)
	}
	for _, r := range []replica{a, b} {
		if got := r.Counts(); got.Refused+got.Dropped+got.Unanswered+got.Lost > 0 || strings.Contains(r.log.String(), "WARN") {
			t.Errorf("%+v\n%s", got, r.log)
		}
	}
}
