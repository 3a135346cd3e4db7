package msgraph_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
	"portico/msgraph"
)

// bearer authorises requests as the service's own wiring would.
type bearer struct {
	base *http.Transport
	word string
}

func (b bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+b.word)
	return b.base.RoundTrip(req)
}

// start returns an emulator of Microsoft Graph behind TLS and a client for it.
func start(t *testing.T, opts ...msgraph.Option) (*emulator.Emulator, *msgraph.Client) {
	t.Helper()
	e := emulator.New(emulator.WithWorld(10), emulator.WithLogger(nil))
	server, err := emulator.Start(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	transport := msgraph.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	opts = append([]msgraph.Option{
		msgraph.WithHTTPClient(&http.Client{Transport: bearer{transport, e.AppToken()}}), msgraph.WithBackoff(time.Millisecond),
	}, opts...)
	c, err := msgraph.New(server.URL+"/v1.0", opts...)
	if err != nil {
		t.Fatal(err)
	}
	return e, c
}

func portURL(id string) string {
	return msgraph.Lookup{
		Path:  "/security/threatIntelligence/hostPorts/" + url.PathEscape(id),
		Query: msgraph.Query{Select: msgraph.NamesOf("port", "status", "host")},
	}.URL()
}

func portURLs(e *emulator.Emulator, n int) (urls []string) {
	for _, id := range e.PortIDs()[:n] {
		urls = append(urls, portURL(id))
	}
	return urls
}

func TestEmulatorServesGetsAndBatches(t *testing.T) {
	e, c := start(t)
	for _, n := range []int{1, 2, 3, 20, 50} {
		urls := portURLs(e, n)
		for i, got := range fetch(t.Context(), t, c, urls...) {
			found, lost, err := msgraph.Entity[port]([]byte(got.body), msgraph.Asked{})
			if got.err != nil || err != nil || lost != nil {
				t.Fatalf("%s: %v, %v, lost %v", urls[i], got.err, err, lost)
			}
			if found.ID != e.PortIDs()[i] || found.Port == nil || found.Host == nil {
				t.Errorf("%s: got %+v", urls[i], found)
			}
		}
	}
}

func TestEmulatorServesThePublishedExample(t *testing.T) {
	_, c := start(t)
	lookup := msgraph.Lookup{Path: "/security/threatIntelligence/hostPorts/" + emulator.ExamplePortID, Query: msgraph.Query{Select: "firstSeenDateTime,port"}}
	got := fetch(t.Context(), t, c, lookup.URL())[0]
	found, lost, err := msgraph.Entity[port]([]byte(got.body), msgraph.Asked{})
	if err != nil || got.err != nil {
		t.Fatal(got.err, err)
	}
	want := []msgraph.Invalid{{Path: []string{"firstSeenDateTime"}, Raw: `"2016-17-13T08:43:41.00Z"`}}
	if diff := cmp.Diff(want, lost); diff != "" || *found.Port != 21 {
		t.Errorf("port %d, lost (-want +got):\n%s", *found.Port, diff)
	}
}

func TestEmulatorRefusesInItsOwnWords(t *testing.T) {
	e, c := start(t)
	urls := portURLs(e, 5)
	urls[1] = portURL("unknown")
	urls[2] = strings.Replace(urls[2], "port,", "colour,", 1)
	got := fetch(t.Context(), t, c, urls...)
	if diff := cmp.Diff([]string{"ok", "refused 404", "refused 400", "ok", "ok"}, verdicts(got)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if got[2].err.Code == "" || !strings.Contains(got[2].err.Message, "colour") || got[2].err.RequestID == "" {
		t.Errorf("error %+v", got[2].err)
	}
}

func TestEmulatorSeesNoEarlyCall(t *testing.T) {
	e, c := start(t)
	e.Fail(emulator.TooManyRequests("0.3"))
	urls := portURLs(e, 50)
	fetchAll := func(urls ...string) {
		for _, got := range fetch(t.Context(), t, c, urls...) {
			if got.err != nil {
				t.Errorf("%v", got.err)
			}
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() { fetchAll(urls[0]) })
	for len(e.Requests()) == 0 || e.Requests()[0].Status == 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond) // until the answer has arrived
	for i := range 50 {
		wg.Go(func() { fetchAll(urls[i]) })
		wg.Go(func() { fetchAll(urls[:1+i%10]...) })
	}
	wg.Wait()
	if early := e.EarlyRequests(); early != nil {
		t.Errorf("%d early requests, the first %+v", len(early), early[0])
	}
}

func TestEmulatorFaultsAreOvercome(t *testing.T) {
	for name, fault := range map[string]emulator.Fault{
		"reset before the headers": emulator.Reset(),
		"reset after the headers":  emulator.ResetAfterHeaders(),
		"reset in the body":        emulator.ResetMidBody("50%"),
		"429":                      emulator.TooManyRequests("0.1"),
		"429 with a date":          emulator.TooManyRequests("date+1s"),
		"503":                      emulator.Failure(503),
		"502":                      emulator.Failure(502),
		"500":                      emulator.Failure(500),
	} {
		for _, calls := range []int{1, 5} {
			t.Run(fmt.Sprint(name, calls), func(t *testing.T) {
				t.Parallel()
				e, c := start(t)
				e.Fail(fault)
				for _, got := range fetch(t.Context(), t, c, portURLs(e, calls)...) {
					if got.err != nil {
						t.Errorf("got %v", got.err)
					}
				}
				if got := e.PendingFaults(); len(got) != 0 {
					t.Errorf("faults never met: %v", got)
				}
			})
		}
	}
}

func TestEmulatorFaultsThatStay(t *testing.T) {
	for name, row := range map[string]struct {
		fault emulator.Fault
		want  msgraph.Kind
	}{
		"HTML, 200": {emulator.HTML(200), msgraph.BadResponse},
		"HTML, 500": {emulator.HTML(500), msgraph.BadResponse},
		"redirect":  {emulator.Redirect(302, "https://127.0.0.1:1/"), msgraph.BadResponse},
		"huge":      {emulator.Huge(8 << 20), msgraph.TooLarge},
		"403":       {emulator.Failure(403), msgraph.Refused},
	} {
		for _, calls := range []int{1, 5} {
			t.Run(fmt.Sprint(name, calls), func(t *testing.T) {
				t.Parallel()
				e, c := start(t, msgraph.WithBodyLimit(1<<20))
				e.Fail(row.fault.Times(-1))
				for _, got := range fetch(t.Context(), t, c, portURLs(e, calls)...) {
					if got.err == nil || got.err.Kind != row.want {
						t.Errorf("got %s", got.verdict())
					}
				}
			})
		}
	}
}

func TestEmulatorBatchItemFaults(t *testing.T) {
	for name, row := range map[string]struct {
		fault emulator.Fault
		want  string
	}{
		"missing":        {emulator.ItemFault(emulator.EffectMissingItem), "ok"},
		"doubled":        {emulator.ItemFault(emulator.EffectDuplicateItem), "ok"},
		"base64":         {emulator.ItemFault(emulator.EffectBase64Body), "ok"},
		"status as text": {emulator.ItemFault(emulator.EffectStatusAsString), "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, c := start(t)
			urls := portURLs(e, 20)
			e.Fail(row.fault.Matching(strings.SplitN(urls[7], "?", 2)[0]))
			got := verdicts(fetch(t.Context(), t, c, urls...))
			want := slices.Repeat([]string{"ok"}, 20)
			want[7] = row.want
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
		})
	}
}
