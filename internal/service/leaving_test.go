package service

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/emulator"
)

// Whoever leaves takes nothing along: those who asked the same get their answer, at the cost of one request more where
// the operations differ and only what they look up is equal.
func TestACallerWhoLeavesDisturbsNobody(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
	defer rows.Wait()
	for _, row := range []struct {
		what, note string
		most       int
	}{{"equal operations", "", 1}, {"equal lookups", " # of another operation", 2}} {
		rows.Run(row.what, func(t *testing.T) {
			s := trouble(t)
			ids := s.putPorts(t, 1)
			s.warm(t)
			s.emulator.Fail(emulator.Slow(time.Second).Times(-1))
			leaving, leave := context.WithCancel(t.Context())
			gone := make(chan error, 1)
			go func() { gone <- s.abandon(leaving, document(listOf(ids...))) }()
			eventually(t, "the first is under way", func() bool { return len(s.asked()) == 1 })
			var all sync.WaitGroup
			for range 5 {
				all.Go(func() { s.posted(t, document(listOf(ids...)+row.note)).want(t, listed(ids)) })
			}
			time.Sleep(300 * time.Millisecond) // until the others wait as well
			leave()
			if err := <-gone; err == nil {
				t.Error("the first was answered, too soon for this test")
			}
			all.Wait()
			if n := len(s.asked()); n > row.most {
				t.Errorf("%d requests upstream, want at most %d", n, row.most)
			}
		})
	}
}

// abandon asks and returns how the asking ends, with ctx.
func (s *troubled) abandon(ctx context.Context, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err == nil {
		return response.Body.Close()
	}
	return err
}

// When nobody waits for an answer any more, nothing is asked on its account.
func TestAnOperationEndsWithItsLastCaller(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	s.put(t, "hostPorts", `{"id":"port","host":{"id":"192.0.2.7"}}`)
	s.put(t, "hosts", `{"id":"192.0.2.7","firstSeenDateTime":"2016-07-13T08:43:41Z"}`)
	s.warm(t)
	s.emulator.Fail(emulator.Slow(500 * time.Millisecond))
	leaving, leave := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		gone <- s.abandon(leaving, document(`{ hostPort(id: "port") { host { firstSeenDateTime } } }`))
	}()
	eventually(t, "it is under way", func() bool { return len(s.asked()) == 1 })
	leave()
	if err := <-gone; err == nil {
		t.Error("it was answered, too soon for this test")
	}
	eventually(t, "the log says so", func() bool { return strings.Contains(s.log.String(), "status=499") })
	time.Sleep(700 * time.Millisecond)
	s.wantAsked(t, "hostPorts/port")
}
