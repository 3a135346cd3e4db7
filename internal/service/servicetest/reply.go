package servicetest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Reply is the response to an operation. That of an incremental delivery has all its payloads.
type Reply struct {
	Status int
	Header http.Header
	Text   string // the body as it came
	Took   time.Duration
	Data   string // of the first payload
	Parts  []Part
	// Errors, Cost and Warnings are those of all payloads.
	Errors   []Error
	Cost     Cost
	Warnings []Warning
}

// Part is a payload of an incremental delivery.
type Part struct {
	Label  string          `json:"label"`
	Path   []any           `json:"path"`
	Data   json.RawMessage `json:"data"`
	Errors []Error         `json:"errors"`
	extensions
}

type extensions struct {
	Extensions struct {
		Upstream Cost      `json:"upstream"`
		Warnings []Warning `json:"warnings"`
	} `json:"extensions"`
}

// Error is one of a response's errors.
type Error struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// Warning is one of a response's extensions.warnings.
type Warning struct {
	Message, Code, Raw string
	Path               []any
}

// Cost is a response's extensions.upstream.
type Cost struct {
	Requests, Items, Waves int
	Estimate, Limit        int
	// CacheHits, CacheStale, CacheAgeSeconds and CacheRenewals are 0 without a cache.
	CacheHits, CacheStale, CacheAgeSeconds, CacheRenewals int
	Calls                                                 []struct {
		Method, URL string
		Wave        int
		Status      int     // 0 without a response
		Start       float64 `json:"startMilliseconds"`
		Shared      bool
		Items       []struct{ URL string }
	}
}

// Waves returns the requests that the response reports, as text, by the wave that they left in.
func (a Reply) Waves() [][]string {
	waves := make([][]string, a.Cost.Waves)
	for _, call := range a.Cost.Calls {
		var items []string
		for _, item := range call.Items {
			items = append(items, item.URL)
		}
		waves[call.Wave-1] = append(waves[call.Wave-1], render(call.Method, call.URL, items))
	}
	return waves
}

// Codes returns the codes of the errors, in their order, with spaces between.
func (a Reply) Codes() string {
	list := make([]string, len(a.Errors))
	for i, e := range a.Errors {
		list[i] = fmt.Sprint(e.Extensions["code"])
	}
	return strings.Join(list, " ")
}

// ErrorList returns each error as "path: CODE", sorted.
func (a Reply) ErrorList() []string {
	all := []string{}
	for _, e := range a.Errors {
		all = append(all, fmt.Sprintf("%s: %s", PathText(e.Path), e.Extensions["code"]))
	}
	slices.Sort(all)
	return all
}

// Part returns the payload with a label.
func (a Reply) Part(t testing.TB, label string) Part {
	t.Helper()
	for _, part := range a.Parts {
		if part.Label == label {
			return part
		}
	}
	t.Fatalf("no part %s in %d parts", label, len(a.Parts))
	return Part{}
}

// Data decodes the data of a reply into a value of the caller's own.
func Data[T any](t testing.TB, a Reply) (data T) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.Data), &data); err != nil {
		t.Fatalf("%v in %s", err, a.Data)
	}
	return data
}

// Want checks the data and the errors, each as "path: CODE".
func (a Reply) Want(t testing.TB, data string, errors ...string) {
	t.Helper()
	if a.Data != data {
		t.Errorf("data\n got %s\nwant %s", a.Data, data)
	}
	a.WantErrors(t, errors...)
}

// WantErrors checks the errors, each as "path: CODE".
func (a Reply) WantErrors(t testing.TB, errors ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, errors...), a.ErrorList()); diff != "" {
		t.Errorf("errors, -want +got:\n%s\n%s", diff, a.Text)
	}
}

// WantNoErrors checks that there are no errors.
func (a Reply) WantNoErrors(t testing.TB) {
	t.Helper()
	for _, e := range a.Errors {
		t.Errorf("error at %s: %s %v", PathText(e.Path), e.Message, e.Extensions)
	}
}

// WantCost checks the cost that the response reports: requests sent, items (a $batch has up to 20), and waves.
func (a Reply) WantCost(t testing.TB, requests, items, waves int) {
	t.Helper()
	if a.Cost.Requests != requests || a.Cost.Items != items || a.Cost.Waves != waves {
		t.Errorf("cost %d requests, %d items, %d waves, want %d, %d, %d",
			a.Cost.Requests, a.Cost.Items, a.Cost.Waves, requests, items, waves)
	}
}

// Read adds a payload, as JSON, to the reply.
func (a *Reply) Read(t testing.TB, body io.Reader) {
	t.Helper()
	var payload struct {
		Data        json.RawMessage `json:"data"`
		Errors      []Error         `json:"errors"`
		Incremental []Part          `json:"incremental"`
		extensions
	}
	if err := json.NewDecoder(body).Decode(&payload); err != nil {
		t.Fatal(err)
	}
	if payload.Data != nil {
		a.Data = string(payload.Data)
	}
	a.Errors = append(a.Errors, payload.Errors...)
	a.addCost(payload.Extensions.Upstream)
	a.Warnings = append(a.Warnings, payload.Extensions.Warnings...)
	for _, part := range payload.Incremental {
		a.Parts = append(a.Parts, part)
		a.Errors = append(a.Errors, part.Errors...)
		a.addCost(part.Extensions.Upstream)
	}
}

// addCost keeps the cost of the last payload, which is that of the whole operation.
func (a *Reply) addCost(cost Cost) {
	if cost.Requests >= a.Cost.Requests {
		a.Cost = cost
	}
}

// PathText is an error's path with dots.
func PathText(path []any) string {
	steps := make([]string, len(path))
	for i, step := range path {
		steps[i] = fmt.Sprint(step)
	}
	return strings.Join(steps, ".")
}
