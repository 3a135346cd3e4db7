package loaders_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/loaders"
	"portico/msgraph"
)

// bodies answers requests with these, one after the other, each after a second.
type bodies struct {
	mu   sync.Mutex
	left []string
}

func (b *bodies) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(time.Second)
	b.mu.Lock()
	defer b.mu.Unlock()
	body := b.left[0]
	b.left = b.left[1:]
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

func client(t *testing.T, left ...string) *msgraph.Client {
	t.Helper()
	c, err := msgraph.New("https://graph.example/v1.0", msgraph.WithHTTPClient(&http.Client{Transport: &bodies{left: left}}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A response that leads to others is decoded when it arrives, once. One that is torn is requested again.
func TestAResponseWithLinksIsDecodedOnce(t *testing.T) {
	const whole = `{"id":"x","name":"n"}`
	tests := map[string]struct {
		left    []string
		decoded []string
	}{
		"whole":                 {[]string{whole}, []string{whole}},
		"torn":                  {[]string{whole[:10], whole}, []string{whole[:10], whole}},
		"torn after the values": {[]string{whole[:len(whole)-1], whole}, []string{whole[:len(whole)-1], whole}},
		"panic":                 {[]string{`{"id":"panic"}`}, []string{`{"id":"panic"}`, `{"id":"panic"}`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				l := loaders.New(ctx, client(t, test.left...), loaders.NewRefused(slog.New(slog.DiscardHandler), path.Dir, nil), 10)
				var decoded []string
				request := get("a", "name")
				request.Decode = func(body []byte, asked msgraph.Asked) (*thing, []msgraph.Invalid, error) {
					if decoded = append(decoded, string(body)); strings.Contains(string(body), "panic") && len(decoded) == 1 {
						panic("a test")
					}
					return msgraph.Entity[thing](body, asked)
				}
				followed := 0
				links := leads(func(found *thing) []loaders.Step {
					if followed++; found.ID == "" {
						t.Errorf("followed %v", found)
					}
					return nil
				})
				if err := l.Prefetch([]loaders.Step{loaders.Plan(request, links)}); err != nil {
					t.Fatal(err)
				}
				if v, invalid, err := loaders.Get(ctx, l, request); err != nil || v == nil || v.ID == "" || invalid != nil {
					t.Errorf("got %v, %v, %v", v, invalid, err)
				}
				if diff := cmp.Diff(test.decoded, decoded); diff != "" || followed != 1 {
					t.Errorf("followed %d times, decoded (-want +got):\n%s", followed, diff)
				}
			})
		})
	}
}

// Once one resolver was told that the operation is over, a response that arrives after that changes nothing.
func TestAResponseAfterTheEndOfTheOperationIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := errors.New("late")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second/2, late)
		defer cancel()
		l := loaders.New(ctx, client(t, `{"id":"x"}`), loaders.NewRefused(nil, nil, nil), 10)
		request := get("a")
		links := leads(func(*thing) []loaders.Step {
			t.Error("the response was followed")
			return nil
		})
		if err := l.Prefetch([]loaders.Step{loaders.Plan(request, links)}); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 2 { // the first sends the request, which takes a second
			all.Go(func() {
				if v, _, err := loaders.Get(ctx, l, request); !errors.Is(err, late) {
					t.Errorf("got %v, %v", v, err)
				}
			})
			synctest.Wait()
		}
		all.Wait()
	})
}
