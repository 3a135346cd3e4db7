//go:build chaos

package queries_test

import (
	"net/http"
	"sync"
	"testing"

	"portico/internal/service/servicetest"
)

// tries counts requests to Microsoft Graph by the cost that responses report.
type tries struct {
	mu                         sync.Mutex
	succeeded, failed, retried int
}

// maxTries is how often one operation may request a resource: three times, and twice more alone where something broke the
// batch that it was in.
const maxTries = 5

// count adds the requests of one operation. A request is a retry if something in it was in a request that failed before it.
func (c *tries) count(t *testing.T, d document, a servicetest.Reply) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	times, broken := map[string]int{}, map[string]bool{}
	for _, call := range a.Cost.Calls {
		if call.Shared {
			continue
		}
		urls := []string{call.URL}
		if len(call.Items) > 0 {
			urls = nil
			for _, item := range call.Items {
				urls = append(urls, item.URL)
			}
		}
		again := false
		for _, url := range urls {
			times[url]++
			again = again || broken[url]
			if times[url] > maxTries {
				t.Errorf("%s\nrequested %d times: %s", d.query.Query, times[url], url)
			}
		}
		if again {
			c.retried++
		}
		if failed := call.Status == 0 || call.Status >= http.StatusInternalServerError; !failed {
			c.succeeded++
			continue
		}
		c.failed++
		for _, url := range urls {
			broken[url] = true
		}
	}
}

// wantWithinBudget holds the retries after failures against the budget: ten requests that succeed pay for one retry, and
// there is room for a few more at the beginning and for those that were decided on at the same time.
func (c *tries) wantWithinBudget(t *testing.T) {
	t.Helper()
	const room = 5 + chaosCallers
	t.Logf("%d requests succeeded, %d failed, %d were sent again", c.succeeded, c.failed, c.retried)
	if most := c.succeeded/10 + room; c.retried > most {
		t.Errorf("%d requests were sent again, and the budget is %d", c.retried, most)
	}
}
