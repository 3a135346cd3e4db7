package tokens_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"portico/internal/service/servicetest"
)

// A thousand callers come back, round after round. What Portico remembers of each is there after the first round, so memory
// does not grow any more.
func TestMemoryStaysFlatWithAThousandCallers(t *testing.T) {
	const callers, rounds, slack = 1000, 4, 1 << 20
	body := string(servicetest.Body(fmt.Sprintf("{ hostPort(id: %q) { port } }", servicetest.ExampleID)))
	for _, identity := range []string{"app", "obo"} {
		t.Run(identity, func(t *testing.T) {
			s := guarded(t, "PORTICO_IDENTITY="+identity)
			tokens := make([]string, callers)
			for n := range tokens {
				tokens[n] = user(s, fmt.Sprint("user", n))
			}
			handler := s.Handler() // without a client, which would remember responses
			ask := func(token string) {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/graphql", strings.NewReader(body))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", token)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if !strings.Contains(w.Body.String(), `"port":21`) {
					t.Errorf("%d %s", w.Code, w.Body)
				}
			}
			var after [rounds]uint64
			for round := range rounds {
				workers := make(chan string)
				var all sync.WaitGroup
				for range 16 {
					all.Go(func() {
						for token := range workers {
							ask(token)
						}
					})
				}
				for _, token := range tokens {
					workers <- token
				}
				close(workers)
				all.Wait()
				s.Emulator.ResetLog() // both logs belong to the test
				s.Log.Forget()
				after[round] = heap()
			}
			if first, last := after[1], after[rounds-1]; last > first+slack {
				t.Errorf("bytes in use after each round: %d", after)
			}
			t.Logf("bytes in use after each round: %d", after)
		})
	}
}

// heap returns how many bytes are in use once all garbage is collected, what pools and finalizers held on to included.
func heap() uint64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
