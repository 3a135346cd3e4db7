package faults_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

// Whoever leaves takes nothing along: those who asked the same get their answer, at the cost of one request more where
// the operations differ and only what they look up is equal.
func TestACanceledCallerDoesNotAffectOthers(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for _, row := range []struct {
		what, note string
		most       int
	}{{"equal operations", "", 1}, {"equal lookups", " # of another operation", 2}} {
		rows.Run(row.what, func(t *testing.T) {
			s := servicetest.StartSmall(t)
			ids := s.PutPorts(t, 1)
			s.FetchToken(t)
			s.Emulator.Fail(emulator.Slow(time.Second).Times(-1))
			leaving, leave := context.WithCancel(t.Context())
			gone := make(chan error, 1)
			go func() { gone <- abandon(leaving, s, servicetest.Body(servicetest.PortsQuery(ids...))) }()
			servicetest.Eventually(t, "the first is under way", func() bool { return len(s.Sent()) == 1 })
			var all sync.WaitGroup
			for range 5 {
				all.Go(func() {
					s.Post(t, servicetest.Body(servicetest.PortsQuery(ids...)+row.note)).Want(t, servicetest.PortsData(ids))
				})
			}
			time.Sleep(300 * time.Millisecond) // until the others wait as well
			leave()
			if err := <-gone; err == nil {
				t.Error("the first response came too early for this test")
			}
			all.Wait()
			if n := len(s.Sent()); n > row.most {
				t.Errorf("%d requests upstream, want at most %d", n, row.most)
			}
		})
	}
}

// abandon asks and returns how the asking ends, with ctx.
func abandon(ctx context.Context, s *servicetest.Service, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/graphql", bytes.NewReader(body))
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
	s := servicetest.StartSmall(t)
	s.Put(t, "hostPorts", `{"id":"port","host":{"id":"192.0.2.7"}}`)
	s.Put(t, "hosts", `{"id":"192.0.2.7","firstSeenDateTime":"2016-07-13T08:43:41Z"}`)
	s.FetchToken(t)
	s.Emulator.Fail(emulator.Slow(500 * time.Millisecond))
	leaving, leave := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		gone <- abandon(leaving, s, servicetest.Body(`{ hostPort(id: "port") { host { firstSeenDateTime } } }`))
	}()
	servicetest.Eventually(t, "it is under way", func() bool { return len(s.Sent()) == 1 })
	leave()
	if err := <-gone; err == nil {
		t.Error("the response came too early for this test")
	}
	servicetest.Eventually(t, "the log says so", func() bool { return strings.Contains(s.Log.String(), "status=499") })
	time.Sleep(700 * time.Millisecond)
	s.WantSent(t, "hostPorts/port")
}
