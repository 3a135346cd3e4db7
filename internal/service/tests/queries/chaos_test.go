//go:build chaos

package queries_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/emulator"
	"portico/emulator/entra"
	"portico/internal/service/servicetest"
	"portico/internal/service/servicetest/naive"

	"github.com/vektah/gqlparser/v2"
)

const (
	chaosCallers   = 50
	chaosDocuments = 100
)

// chaosFaults are what goes wrong, one at a time. After each, a right answer can be stated: see wantRightOrFailed.
var chaosFaults = []emulator.Fault{
	emulator.TooManyRequests("0.1"), emulator.TooManyRequests(""), emulator.TooManyRequests("soon"),
	emulator.Failure(400), emulator.Failure(401), emulator.Failure(402), emulator.Failure(403), emulator.Failure(408), emulator.Failure(418),
	emulator.Failure(423), emulator.Failure(500), emulator.Failure(502), emulator.Failure(503), emulator.Failure(504), emulator.Failure(509),
	{Effect: emulator.EffectError, Status: http.StatusServiceUnavailable, RetryAfter: "0.1"},
	emulator.ClaimsChallenge(""), emulator.HTML(200), emulator.HTML(407), emulator.HTML(503), emulator.RawBody(200, ""), emulator.RawBody(200, "{}"),
	emulator.RawBody(200, `{"value":`), emulator.Torn("10%"), emulator.Torn("99%"), emulator.Reset(), emulator.ResetAfterHeaders(),
	emulator.ResetMidBody("70%"), emulator.Huge(9 << 20), emulator.Redirect(302, "/"), emulator.NextLinkTo("https://elsewhere.example/v1.0"),
	emulator.Partial(`199 - "partial"`), emulator.Slow(30 * time.Millisecond),
	emulator.Failure(400).On(emulator.Batch), emulator.Failure(503).On(emulator.Batch), emulator.TooManyRequests("0.1").On(emulator.Batch),
	emulator.Torn("80%").On(emulator.Batch), emulator.Reset().On(emulator.Batch), emulator.HTML(200).On(emulator.Batch), emulator.ResetMidBody("30%").On(emulator.Batch),
	emulator.ItemFault(emulator.EffectDuplicateItem), emulator.ItemFault(emulator.EffectMissingItem), emulator.ItemFault(emulator.EffectUnaskedItem),
	emulator.ItemFault(emulator.EffectItemIDCase), emulator.ItemFault(emulator.EffectBase64Body), emulator.ItemFault(emulator.EffectMissingBody),
	emulator.ItemFault(emulator.EffectStatusAsString), emulator.Failure(500).On(emulator.Token), emulator.HTML(200).On(emulator.Token),
	emulator.Stall("50%"),
	// gateways in between
	emulator.HTML(502), emulator.HTML(504), emulator.Reset().On(emulator.LoneGet).Times(3), emulator.Reset().On(emulator.Batch).Times(3),
	emulator.ResetAfterHeaders().On(emulator.Batch), emulator.HTML(502).On(emulator.Batch), emulator.HTML(504).On(emulator.Batch),
	// values that cannot be read
	emulator.Patch("", "firstSeenDateTime", `"yesterday"`), emulator.Patch("", "lastSeenDateTime", `{}`), emulator.Patch("", "port", `"https"`),
	emulator.Patch("", "name", `[1]`), emulator.Patch("", "host", `7`), emulator.Patch("", "banners", `"none"`),
	emulator.Patch("", "value.0.firstSeenDateTime", `"yesterday"`), emulator.Patch("", "value.0.name", `{"x":`), emulator.Patch("", "value.0.kind", `[]`),
	emulator.Patch("", "value", `7`), emulator.Patch("", "value.0", `null`),
	// pages
	emulator.EmptyPage(), emulator.EmptyPage().Times(5), emulator.NextLinkLoop(),
	emulator.NextLinkForm(emulator.LinkParentheses), emulator.NextLinkForm(emulator.LinkCase), emulator.NextLinkForm(emulator.LinkPort),
	emulator.NextLinkForm(emulator.LinkGateway), emulator.NextLinkForm(emulator.LinkPath), emulator.NextLinkForm(emulator.LinkRelative),
	emulator.NextLinkForm(emulator.LinkQuery),
}

// document is a query, and what its answer is while nothing fails.
type document struct {
	query servicetest.Operation
	want  map[string]any
}

// chaos counts what became of the queries.
type chaos struct {
	right, partial, refused, wrong atomic.Int64
	codes                          sync.Map
	tries                          tries
}

// replies is how many queries had a response.
func (c *chaos) replies() int64 { return c.right.Load() + c.partial.Load() + c.refused.Load() }

// TestChaosRandomQueriesAreRightOrFailWhereTheErrorsAre sends random documents from 50 callers under all faults at random rates,
// for the duration in the variable CHAOS, one minute without it. The variable CHAOS_SEED repeats a run's documents and faults.
// Microsoft Graph is called as the application or as the callers, of whom every tenth may read nothing, by the seed.
func TestChaosRandomQueriesAreRightOrFailWhereTheErrorsAre(t *testing.T) {
	duration, err := time.ParseDuration(os.Getenv("CHAOS"))
	if err != nil {
		duration = time.Minute
	}
	seed, err := strconv.ParseUint(os.Getenv("CHAOS_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	identity := []string{"app", "passthrough", "obo"}[seed%3]
	t.Logf("CHAOS_SEED=%d, %v, as %s", seed, duration, identity)
	s := servicetest.Start(t, "PORTICO_IDENTITY="+identity, "PORTICO_EMULATOR_SIZE=40", "PORTICO_LIMIT_UPSTREAM_REQUESTS=3000", "PORTICO_LIMIT_ALIASES=500",
		"PORTICO_LIMIT_TOKENS=50000", "PORTICO_LIMIT_NODES=50000", "PORTICO_LIMIT_DEPTH=20", "PORTICO_LIMIT_ERRORS=100000", "PORTICO_LIMIT_DEADLINE=3s")
	documents := documentsFor(t, s, seed)
	for i, d := range documents { // all is warm before it is measured
		d.query.Authorization, _ = authorization(s, identity, i%chaosCallers)
		if _, permitted := authorization(s, identity, i%chaosCallers); permitted {
			wantRightOrFailed(t, d, s.Send(t, d.query), &chaos{})
		}
	}
	before := usageOf(s)
	var c chaos
	end := time.Now().Add(duration)
	var all sync.WaitGroup
	all.Go(func() { makeTrouble(s, rand.New(rand.NewPCG(seed, 1000)), &c, end) })
	for caller := range chaosCallers {
		dice := rand.New(rand.NewPCG(seed, uint64(caller)))
		token, permitted := authorization(s, identity, caller)
		all.Go(func() {
			for round := 0; time.Now().Before(end); round++ {
				d := documents[dice.IntN(len(documents))]
				d.query.Authorization = token
				if round%2 == 0 { // the others may be the same at the same time
					d.query.Query += fmt.Sprintf("# caller %d, round %d", caller, round)
				}
				if a := s.Send(t, d.query); permitted {
					wantRightOrFailed(t, d, a, &c)
				} else {
					wantNothing(t, d, a)
				}
			}
		})
	}
	all.Wait()
	s.Emulator.ClearFaults()
	tries := 0
	servicetest.Eventually(t, "answered again", func() bool {
		tries++
		d := documents[0]
		d.query.Query += fmt.Sprint("# try ", tries)
		d.query.Authorization, _ = authorization(s, identity, 1)
		return len(s.Send(t, d.query).Errors) == 0
	})
	before.wantBack(t, s)
	c.tries.wantWithinBudget(t)
	c.report(t)
}

// authorization returns the header of a caller, and whether Microsoft Graph lets them read.
func authorization(s *servicetest.Service, identity string, caller int) (header string, permitted bool) {
	name := fmt.Sprint("caller-", caller)
	switch {
	case identity == "app":
		return "", true
	case identity == "obo":
		return "Bearer " + s.Emulator.UserToken(name, entra.WithAudience("api://"+s.Emulator.ClientID())), true
	case caller%10 == 0:
		return s.Bearer(name, "User.Read"), false
	}
	return s.Bearer(name, servicetest.Permission), true
}

// wantNothing holds the reply to a caller who may read nothing: there is nothing in it but what follows from the query.
func wantNothing(t *testing.T, d document, a servicetest.Reply) {
	t.Helper()
	if a.Data == "" || a.Data == "null" {
		return
	}
	var got map[string]any
	servicetest.Decode(t, a.Data, &got)
	if found := values(got, ""); len(found) > 0 || len(a.Errors) == 0 {
		t.Errorf("%s\nto a caller without permission: %v, %v", d.query.Query, found, a.ErrorList())
	}
}

// values returns the places in data that have a value, but for ids and names of types.
func values(data any, path string) (found []string) {
	switch data := data.(type) {
	case nil:
	case map[string]any:
		for name, value := range data {
			if name != "id" && name != "nodeId" && name != "__typename" { // these follow from the query
				found = append(found, values(value, join(path, name))...)
			}
		}
	case []any:
		for i, value := range data {
			found = append(found, values(value, join(path, strconv.Itoa(i)))...)
		}
	default:
		found = append(found, fmt.Sprintf("%s is %v", path, data))
	}
	return found
}

// documentsFor makes random documents that have answers without errors.
func documentsFor(t *testing.T, s *servicetest.Service, seed uint64) (documents []document) {
	ids := s.WorldIDs(t)
	world := &worldValues{Service: s, t: t, ids: ids, known: map[string][]string{}}
	for i := uint64(0); len(documents) < chaosDocuments; i++ {
		g := &generator{dice: rand.New(rand.NewPCG(seed, 10_000+i)), ids: ids, world: world}
		q := servicetest.Operation{Query: fmt.Sprintf("# document %d\n{ %s}", i, g.roots()), Accept: "application/json"}
		if _, invalid := gqlparser.LoadQueryWithRules(servicetest.Schema, q.Query, nil); invalid != nil {
			continue // two fields of one name in different types
		}
		documents = append(documents, document{q, naive.Data(t, s, q)})
	}
	return documents
}

// makeTrouble queues faults for every few replies, so that there are as many on a slow machine. How few changes every second.
func makeTrouble(s *servicetest.Service, dice *rand.Rand, c *chaos, end time.Time) {
	next := int64(0)
	for time.Now().Before(end) {
		few := 1 + dice.Int64N(8)
		for until := time.Now().Add(time.Second); time.Now().Before(until); time.Sleep(time.Millisecond) {
			if replies := c.replies(); replies >= next && len(s.Emulator.PendingFaults()) < 50 {
				for range 3 {
					s.Emulator.Fail(chaosFaults[dice.IntN(len(chaosFaults))])
				}
				next = replies + few
			}
		}
		if dice.IntN(3) == 0 { // a moment of peace, also for faults that nothing matches
			s.Emulator.ClearFaults()
			time.Sleep(500 * time.Millisecond)
		}
	}
}

// wantRightOrFailed holds a reply against the answer without faults: each place is equal, or null with an error there or below.
func wantRightOrFailed(t *testing.T, d document, a servicetest.Reply, c *chaos) {
	t.Helper()
	for _, e := range a.Errors {
		code, _ := e.Extensions["code"].(string)
		c.codes.Store(code, true)
		if code == "INTERNAL" || code == "" {
			t.Errorf("%s\n%+v", d.query.Query, e)
		}
	}
	if a.Data == "" || a.Data == "null" {
		c.refused.Add(1)
		if len(a.Errors) == 0 || a.Status != http.StatusServiceUnavailable && a.Status != http.StatusGatewayTimeout {
			t.Errorf("%s\n%d %s", d.query.Query, a.Status, a.Text)
		}
		return
	}
	var got map[string]any
	servicetest.Decode(t, a.Data, &got)
	c.tries.count(t, d, a)
	told := outcome{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, e := range a.Errors {
		told.failed[servicetest.PathText(e.Path)] = true
	}
	for _, w := range a.Warnings {
		told.incomplete[servicetest.PathText(w.Path)] = w.Code == "LIST_TRUNCATED" || w.Code == "UNREADABLE_VALUES"
	}
	wrong := told.differences(any(d.want), any(got), "")
	for path := range told.failed {
		if !told.used[path] {
			wrong = append(wrong, "an error at "+path+", where nothing is missing")
		}
	}
	if len(wrong) > 0 && c.wrong.Add(1) < 5 { // each has a long text
		t.Errorf("%s\n%s\n%v", d.query.Query, strings.Join(wrong, "\n"), a.ErrorList())
	}
	if len(a.Errors) > 0 {
		c.partial.Add(1)
	} else {
		c.right.Add(1)
	}
}

// usage is what a process holds.
type usage struct {
	goroutines, files int
	heap              uint64
}

// usageOf measures what the process holds, without what the test itself keeps.
func usageOf(s *servicetest.Service) usage {
	s.Emulator.ResetLog()
	s.UpstreamTransport.CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	files, _ := os.ReadDir("/proc/self/fd") // none elsewhere
	kept := uint64(len(s.Log.String()) + len(s.Received()))
	return usage{runtime.NumGoroutine(), len(files), memory.HeapAlloc - min(memory.HeapAlloc, kept)}
}

// wantBack waits until the process holds no more than before, with some room for connections that stay open.
func (u usage) wantBack(t *testing.T, s *servicetest.Service) {
	t.Helper()
	var now usage
	servicetest.Eventually(t, "goroutines, files and heap return", func() bool {
		now = usageOf(s)
		return now.goroutines <= u.goroutines+2*chaosCallers && now.files <= u.files+chaosCallers && now.heap <= u.heap+64<<20
	})
	t.Logf("before: %+v, after: %+v", u, now)
}

// report logs what became of the queries, and requires some of each kind.
func (c *chaos) report(t *testing.T) {
	t.Helper()
	var codes []string
	c.codes.Range(func(code, _ any) bool {
		codes = append(codes, fmt.Sprint(code))
		return true
	})
	slices.Sort(codes)
	t.Logf("%d right, %d with errors, %d refused; codes %s", c.right.Load(), c.partial.Load(), c.refused.Load(), strings.Join(codes, ", "))
	if c.right.Load() == 0 || c.partial.Load() == 0 {
		t.Error("this was no chaos, or nothing but chaos")
	}
}
