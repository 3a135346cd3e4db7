package emulator_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type batchAnswers struct {
	Responses []struct {
		ID      string            `json:"id"`
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"responses"`
}

func decodeBatch(t testing.TB, body string) batchAnswers {
	t.Helper()
	var got batchAnswers
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return got
}

// item returns a batch item, as JSON, with a GET of a URL below threat intelligence.
func item(id, url string) string {
	return fmt.Sprintf(`{"id":%q,"method":"GET","url":"/security/threatIntelligence/%s"}`, id, url)
}

func batch(items ...string) string { return `{"requests":[` + strings.Join(items, ",") + `]}` }

func TestBatchItemsGetTheResponsesOfSingleGets(t *testing.T) {
	e, s := started(t)
	token := e.AppToken()
	urls := []string{
		"hosts/contoso.com", "hosts/contoso.com?$select=registrar", "hosts/unknown.example", examplePort + "?$select=port",
		"hosts/contoso.com/", "hosts('contoso.com')?$select=id", examplePort + "?$expand=host",
	}
	var items []string
	for i, url := range urls {
		items = append(items, item(fmt.Sprint("r", i), url))
	}
	outer := fetch(t, s, "POST", "/v1.0/$batch", token, batch(items...))
	if outer.status != 200 {
		t.Fatalf("%d %s", outer.status, outer.body)
	}
	answers := decodeBatch(t, outer.body)
	if len(answers.Responses) != len(urls) {
		t.Fatalf("%d responses to %d items", len(answers.Responses), len(urls))
	}
	for _, a := range answers.Responses {
		var i int
		if _, err := fmt.Sscanf(a.ID, "r%d", &i); err != nil {
			t.Fatalf("id %q", a.ID)
		}
		lone := fetch(t, s, "GET", ti+urls[i], token, "")
		got, want := withoutInner(t, string(a.Body)), withoutInner(t, lone.body)
		if a.Status != lone.status || got != want {
			t.Errorf("%s: item %d %s, alone %d %s", urls[i], a.Status, got, lone.status, want)
		}
		if a.Headers["Content-Type"] != lone.header.Get("Content-Type") || a.Headers["OData-Version"] != "4.0" {
			t.Errorf("%s: headers %v", urls[i], a.Headers)
		}
	}
}

// withoutInner drops innerError, which differs from one request to the next.
func withoutInner(t *testing.T, body string) string {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if refusal, ok := value["error"].(map[string]any); ok {
		delete(refusal, "innerError")
	}
	text, _ := json.Marshal(value)
	return string(text)
}

func TestBatchResponsesAreAlwaysOutOfOrder(t *testing.T) {
	e, s := started(t)
	for n := 2; n <= 20; n++ {
		body := string(batchOf(e.PortIDs()[:n], "?$select=id"))
		var sent []string
		for i := range n {
			sent = append(sent, fmt.Sprint(i+1))
		}
		var orders [2][]string
		for i := range orders {
			for _, a := range decodeBatch(t, fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), body).body).Responses {
				orders[i] = append(orders[i], a.ID)
			}
		}
		if cmp.Equal(orders[0], sent) {
			t.Errorf("the responses to a batch of %d are in the order sent", n)
		}
		if diff := cmp.Diff(orders[0], orders[1]); diff != "" {
			t.Errorf("the order of the responses to a batch of %d varies:\n%s", n, diff)
		}
	}
}

func TestBatchRefusals(t *testing.T) {
	e, s := started(t)
	var tooMany []string
	for i := range 21 {
		tooMany = append(tooMany, item(fmt.Sprint(i), "hosts/contoso.com"))
	}
	const format = "Invalid batch payload format."
	for name, row := range map[string]struct{ body, message string }{
		"not JSON":                  {`{"requests":[`, format},
		"not a list":                {`{"requests":null}`, format},
		"an empty list":             {`{"requests":[]}`, format},
		"an empty body":             {``, format},
		"21 items":                  {batch(tooMany...), "Number of requests inside batch exceeds the limit."},
		"the same id twice":         {batch(item("1", "hosts/a"), item("1", "hosts/b")), "Request Id 1 has to be unique in a batch."},
		"the same id in capitals":   {batch(item("a", "hosts/a"), item("A", "hosts/b")), "Request Id A has to be unique in a batch."},
		"an item without id":        {batch(`{"method":"GET","url":"/a"}`), format},
		"an id that is a number":    {batch(`{"id":1,"method":"GET","url":"/a"}`), format},
		"an item without method":    {batch(`{"id":"1","url":"/a"}`), format},
		"an item without url":       {batch(`{"id":"1","method":"GET"}`), format},
		"a batch in a batch":        {batch(`{"id":"1","method":"POST","url":"/$batch"}`), format},
		"headers that are an array": {batch(`{"id":"1","method":"GET","url":"/a","headers":[]}`), format},
		"a dependency on no item":   {batch(`{"id":"1","method":"GET","url":"/a","dependsOn":["2"]}`), format},
		"a circle of dependencies":  {batch(`{"id":"1","method":"GET","url":"/a","dependsOn":["1"]}`), format},
	} {
		t.Run(name, func(t *testing.T) {
			got := fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), row.body)
			if got.status != 400 {
				t.Fatalf("%d %s", got.status, got.body)
			}
			wantRefusal(t, got.body, "BadRequest", row.message)
		})
	}
}

func TestBatchForms(t *testing.T) {
	e, s := started(t)
	for name, it := range map[string]string{
		"null body and no dependencies": `{"id":"1","method":"GET","url":"/security/threatIntelligence/hosts/contoso.com","body":null,"dependsOn":[]}`,
		"no leading slash":              `{"id":"1","method":"GET","url":"security/threatIntelligence/hosts/contoso.com"}`,
		"headers":                       `{"id":"1","method":"GET","url":"/security/threatIntelligence/hosts/contoso.com","headers":{"Prefer":"a"}}`,
		"a method in small letters":     `{"id":"1","method":"get","url":"/security/threatIntelligence/hosts/contoso.com"}`,
	} {
		got := fetch(t, s, "POST", "/v1.0/$BATCH", e.AppToken(), batch(it))
		if a := decodeBatch(t, got.body); len(a.Responses) != 1 || a.Responses[0].Status != 200 {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	got := fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), batch(`{"id":"1","method":"POST","url":"/security/threatIntelligence/hosts/contoso.com"}`))
	if a := decodeBatch(t, got.body); a.Responses[0].Status != 405 {
		t.Errorf("POST of an item: %s", got.body)
	}
	if got := fetch(t, s, "GET", "/v1.0/$batch", e.AppToken(), ""); got.status != 405 {
		t.Errorf("GET $batch: %d", got.status)
	}
}

func TestBatchCompressed(t *testing.T) {
	e, s := started(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(batchOf(e.PortIDs()[:20], "")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		got := fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), packed.String(), "Content-Encoding", "gzip", "Accept-Encoding", "gzip")
		if n := len(decodeBatch(t, unpack(t, got.body)).Responses); n != 20 {
			t.Errorf("%d responses", n)
		}
	}
	got := fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), "no gzip", "Content-Encoding", "gzip")
	if got.status != 400 {
		t.Errorf("invalid gzip: %d", got.status)
	}
}

func TestBatchTooLarge(t *testing.T) {
	e, s := started(t)
	got := fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), strings.Repeat(" ", 4<<20+1))
	if got.status != 413 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestDependencies(t *testing.T) {
	e, s := started(t)
	depends := func(id, url, on string) string {
		return strings.TrimSuffix(item(id, url), "}") + `,"dependsOn":["` + on + `"]}`
	}
	got := fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), batch(
		depends("3", "hosts/contoso.com", "2"), depends("2", "hosts/contoso.com", "1"), item("1", "hosts/unknown.example"),
		depends("5", "hosts/contoso.com", "4"), item("4", "hosts/contoso.com")))
	want := map[string]int{"1": 404, "2": 424, "3": 424, "4": 200, "5": 200}
	statuses := map[string]int{}
	for _, a := range decodeBatch(t, got.body).Responses {
		statuses[a.ID] = a.Status
	}
	if diff := cmp.Diff(want, statuses); diff != "" {
		t.Error(diff)
	}
}
