package service

import (
	"bytes"
	"encoding/json"
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
)

// private stands in whatever a fault makes Microsoft Graph say that nobody else may hear.
const private = "for-no-other-eyes"

// troubled is a running service whose upstream gets faults. When the test ends, all that callers and the log were told
// has to be free of what is Microsoft Graph's own: addresses, tokens, secrets, bodies and headers.
type troubled struct {
	*running
	emulator *emulator.Emulator

	mu    sync.Mutex
	heard bytes.Buffer
}

// trouble runs the service with a small world.
func trouble(t testing.TB, settings ...string) *troubled {
	t.Helper()
	s := start(t, append([]string{"PORTICO_EMULATOR_SIZE=0"}, settings...)...)
	it := &troubled{running: s, emulator: s.upstream.emulator}
	t.Cleanup(func() { it.wantNothingPrivate(t) })
	return it
}

func (s *troubled) wantNothingPrivate(t testing.TB) {
	t.Helper()
	address, err := url.Parse(s.upstream.url)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for where, text := range map[string]string{"the answers": s.heard.String(), "the log": s.log.String()} {
		for _, secret := range []string{
			address.Host, s.emulator.ClientSecret(), "eyJ", "client_assertion", private, "<html", "X-Ms-Ags", "login.microsoft",
		} {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s hold %q: …%s", where, secret, text[max(0, at-200):min(len(text), at+200)])
			}
		}
	}
}

// together runs subtests at the same time, however few of them -parallel allows: they wait more than they work.
type together struct {
	t   *testing.T
	all sync.WaitGroup
}

func (r *together) Run(name string, test func(*testing.T)) { r.all.Go(func() { r.t.Run(name, test) }) }

func (r *together) Wait() { r.all.Wait() }

// reply is an answer together with how it came.
type reply struct {
	answered
	header http.Header
	text   string
	took   time.Duration
}

// say asks with a document and nothing else.
func (s *troubled) say(t testing.TB, document string) reply {
	t.Helper()
	return s.hear(t, asking{text: document})
}

// hear asks and keeps what was answered for the search at the end.
func (s *troubled) hear(t testing.TB, q asking) reply {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": q.text, "variables": q.variables})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if q.authorization != "" {
		r.Header.Set("Authorization", q.authorization)
	}
	return s.exchange(t, r)
}

// exchange sends any request whose answer is JSON.
func (s *troubled) exchange(t testing.TB, r *http.Request) reply {
	t.Helper()
	from := time.Now()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	a := reply{answered: answered{status: response.StatusCode}, header: response.Header, text: text.String(), took: time.Since(from)}
	s.mu.Lock()
	s.heard.WriteString(a.text + "\n")
	fmt.Fprintln(&s.heard, response.Header)
	s.mu.Unlock()
	a.add(t, strings.NewReader(a.text))
	return a
}

// warm has the service get its token, and forgets that it did.
func (s *troubled) warm(t testing.TB) {
	t.Helper()
	if a := s.say(t, `{ hostPort(id: "warm") { port } }`); a.data != `{"hostPort":null}` || len(a.errors) > 0 {
		t.Fatalf("no answer without trouble: %s", a.text)
	}
	s.emulator.ResetLog()
}

// put puts entities into one of the emulator's sets.
func (s *troubled) put(t testing.TB, set string, entities ...string) {
	t.Helper()
	for _, text := range entities {
		if err := s.emulator.Put(set, text); err != nil {
			t.Fatal(err)
		}
	}
}

// putPorts puts n ports into the emulator. Their ids, "port-0" and so on, tell no host.
func (s *troubled) putPorts(t testing.TB, n int) (ids []string) {
	t.Helper()
	for i := range n {
		id := fmt.Sprintf("port-%d", i)
		s.put(t, "hostPorts", fmt.Sprintf(`{"id":%q,"port":%d,"status":"open"}`, id, i))
		ids = append(ids, id)
	}
	return ids
}

// listOf asks for ports by one list.
func listOf(ids ...string) string {
	text, _ := json.Marshal(ids) // texts can be encoded
	return fmt.Sprintf("{ hostPorts(ids: %s) { id port } }", text)
}

// listed is the data of listOf where the ports with these numbers are null.
func listed(ids []string, null ...int) string {
	ports := make([]string, len(ids))
	for i, id := range ids {
		ports[i] = fmt.Sprintf(`{"id":%q,"port":%d}`, id, i)
		if slices.Contains(null, i) {
			ports[i] = "null"
		}
	}
	return `{"hostPorts":[` + strings.Join(ports, ",") + "]}"
}

// asked is what the emulator was asked since it last forgot, in the order of the requests but those side by side:
// "hostPorts/a" for a GET, "hostPorts/a + hostPorts/b" for a batch, refusedBatch for one whose items nobody looked at.
func (s *troubled) asked() []string {
	list := []string{}
	for _, r := range s.emulator.Requests() {
		items := []string{short(r.URL)}
		if r.Method == http.MethodPost {
			items = nil
			if len(r.Items) == 0 {
				items = []string{refusedBatch}
			}
		}
		for _, item := range r.Items {
			items = append(items, short(item.URL))
		}
		list = append(list, strings.Join(items, " + "))
	}
	return list
}

const refusedBatch = "a batch, refused as a whole"

func short(url string) string {
	path, _, _ := strings.Cut(url, "?")
	return strings.TrimPrefix(path, "/security/threatIntelligence/")
}

// batchOf is how asked shows a batch for ports, a lone one as a GET.
func batchOf(ids ...string) string {
	items := make([]string, len(ids))
	for i, id := range ids {
		items[i] = "hostPorts/" + id
	}
	return strings.Join(items, " + ")
}

func (s *troubled) wantAsked(t testing.TB, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), s.asked()); diff != "" {
		t.Errorf("upstream was asked, -want +got:\n%s", diff)
	}
}

func (s *troubled) wantNothingEarly(t testing.TB) {
	t.Helper()
	for _, early := range s.emulator.EarlyRequests() {
		t.Errorf("%s %s came %v before Retry-After: %s had passed", early.Method, early.URL, early.Early, early.RetryAfter)
	}
}

// want holds a reply to its data and to its errors, each as "path: CODE".
func (a reply) want(t testing.TB, data string, errors ...string) {
	t.Helper()
	if a.data != data {
		t.Errorf("data\n got %s\nwant %s", a.data, data)
	}
	got := []string{}
	for _, e := range a.errors {
		got = append(got, fmt.Sprintf("%s: %s", pathText(e.Path), e.Extensions["code"]))
	}
	slices.Sort(got)
	if diff := cmp.Diff(append([]string{}, errors...), got); diff != "" {
		t.Errorf("errors, -want +got:\n%s\n%s", diff, a.text)
	}
}

// parse decodes what has to be JSON.
func parse(t testing.TB, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Errorf("%v: %s", err, text)
	}
}
