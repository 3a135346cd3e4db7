package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/graph/plan"
	"portico/internal/telemetry"
	"portico/msgraph"
	"portico/threatintel"
)

// A document with @defer has the same response in parts, put together, as in one piece, with the same nulls, wrong
// values, empty pages, filtered lists and lookups that fail.
func TestRandomDeferredDocumentsAreWhole(t *testing.T) {
	t.Parallel()
	const workers = 4
	var parts, failed, nulled, undecided atomic.Int64
	t.Run("all", func(t *testing.T) {
		for worker := range workers {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for seed := worker; seed < deferredDocuments && !t.Failed(); seed += workers {
					got := newEngines(coherent{invented{uint64(seed), seed % 20}}).wantWhole(t, randomDeferred(uint64(seed)))
					parts.Add(int64(got.parts))
					failed.Add(int64(len(got.errors)))
					nulled.Add(int64(got.nulls))
					undecided.Add(int64(len(got.undecided)))
				}
			})
		}
	})
	if n := int64(deferredDocuments); parts.Load() < n || failed.Load() < n/2 || nulled.Load() < n/20 {
		t.Errorf("%d parts, %d errors and %d nulls are too few", parts.Load(), failed.Load(), nulled.Load())
	}
	if n := undecided.Load(); n > deferredDocuments/100 {
		t.Errorf("%d entities are null in one piece and not in parts, or the other way round: they are too many", n)
	}
}

// coherent is a Microsoft Graph that knows an entity if it knows its lists. With another one, what is known of an entity
// depends on which of its lists are requested first.
type coherent struct{ invented }

func (u coherent) Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error)) {
	u.invented.Fetch(ctx, urls, func(i int, body []byte, err error) {
		path, query, _ := strings.Cut(urls[i], "?")
		_, list := place(path)
		switch {
		case !u.knows(path):
			body, err = nil, &msgraph.Error{Kind: msgraph.Refused, Status: http.StatusNotFound}
		case list && isUnknown(err) && position(query) == "":
			err = &msgraph.Error{Kind: msgraph.Throttled}
		}
		done(i, body, err)
	})
}

// knows reports whether the entity of a path, or the one that it is below, has a response of its own.
func (u coherent) knows(path string) bool {
	all := strings.Split(strings.TrimPrefix(path, threatintel.Root), "/")
	if len(all) < 2 {
		return true
	}
	body, err := u.respond(threatintel.Root + all[0] + "/" + all[1])
	return !isUnknown(err) && string(body) != "null"
}

func isUnknown(err error) bool {
	refused, is := errors.AsType[*msgraph.Error](err)
	return is && refused.Status == http.StatusNotFound
}

// wantWhole sends one request from a client that accepts parts, and from one that does not.
func (e engines) wantWhole(tb testing.TB, body string) *merged {
	tb.Helper()
	whole, got := respond(tb, e.onePass, body), respondInParts(tb, e.onePass, body)
	var want any
	if err := json.Unmarshal([]byte(whole.Data), &want); err != nil {
		tb.Fatalf("%v: %s\n%v", err, body, whole.Errors)
	}
	wanted := map[string]bool{}
	for _, text := range whole.Errors {
		var one answeredError
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			tb.Fatal(err)
		}
		wanted[one.String()] = true
	}
	if diff := cmp.Diff(want, got.decided(want, got.data, nil)); diff != "" {
		tb.Errorf("%s\n-in one piece +in parts\n%.3000s", body, diff)
	}
	if diff := cmp.Diff(got.besideUndecided(wanted), got.besideUndecided(got.errors)); diff != "" {
		tb.Errorf("%s\nerrors -in one piece +in parts\n%.3000s", body, diff)
	}
	return got
}

// respondInParts sends a request from a client that accepts a response in parts.
func respondInParts(tb testing.TB, h http.Handler, body string) *merged {
	tb.Helper()
	ctx, notes := telemetry.WithRecord(tb.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "multipart/mixed;deferSpec=20220824, application/json")
	out := httptest.NewRecorder()
	h.ServeHTTP(out, r)
	m := &merged{tb: tb, body: body, errors: map[string]bool{}, failed: map[string]bool{}}
	for i, text := range payloadsOf(tb, out) {
		var p payloadInParts
		if err := json.Unmarshal(text, &p); err != nil {
			tb.Fatalf("%v in %.2000s", err, text)
		}
		m.add(p, i == 0)
	}
	if n := notes.Counted("unplanned_lookups"); n > 0 {
		tb.Errorf("%d lookups were not planned: %s", n, body)
	}
	return m
}

func payloadsOf(tb testing.TB, out *httptest.ResponseRecorder) (all [][]byte) {
	tb.Helper()
	mediaType, params, _ := mime.ParseMediaType(out.Header().Get("Content-Type"))
	if mediaType != "multipart/mixed" {
		return [][]byte{out.Body.Bytes()}
	}
	for parts := multipart.NewReader(bytes.NewReader(out.Body.Bytes()), params["boundary"]); ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			tb.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, text)
	}
}

// payloadInParts is one payload of a response: the first, or one of those that follow.
type payloadInParts struct {
	Data        any
	Errors      []answeredError
	Incremental []struct {
		Data   any
		Errors []answeredError
		Path   []any
	}
}

// answeredError is what of an error does not depend on the payload that has it.
type answeredError struct {
	Message    string
	Path       []any
	Extensions map[string]any
}

func (e answeredError) String() string {
	return fmt.Sprint(steps(e.Path), " ", e.Message, " ", e.Extensions)
}

// merged is a response whose parts are put in their places, as clients do.
type merged struct {
	tb           testing.TB
	body         string
	data         any
	errors       map[string]bool
	failed       map[string]bool // by the paths of the errors
	parts, nulls int
	undecided    []string // paths
}

func (m *merged) add(p payloadInParts, first bool) {
	if first {
		m.data = p.Data
	}
	m.note(p.Errors)
	for _, part := range p.Incremental {
		m.parts++
		m.note(part.Errors)
		object, there := valueAt(m.data, part.Path).(map[string]any)
		if !there {
			m.tb.Errorf("%s\na part belongs to %v, where there is no object", m.body, part.Path)
			continue
		}
		m.merge(object, part.Data, part.Path)
	}
}

func (m *merged) note(list []answeredError) {
	for _, err := range list {
		m.errors[err.String()] = true
		m.failed[fmt.Sprint(err.Path)] = true
	}
}

// merge adds to what is there. What two payloads have in the same place must be the same, unless an error says that the
// later one could not have it.
func (m *merged) merge(into, from any, path []any) any {
	switch from := from.(type) {
	case map[string]any:
		if object, both := into.(map[string]any); both {
			for name, value := range from {
				if before, both := object[name]; both {
					value = m.merge(before, value, append(slices.Clone(path), name))
				}
				object[name] = value
			}
			return object
		}
	case []any:
		if list, both := into.([]any); both && len(list) == len(from) {
			for i, item := range from {
				list[i] = m.merge(list[i], item, append(slices.Clone(path), i))
			}
			return list
		}
	case nil:
		if m.nulls++; into != nil && m.failed[fmt.Sprint(path)] {
			m.undecided = append(m.undecided, steps(path))
			return nil
		}
	}
	if diff := cmp.Diff(into, from); diff != "" {
		m.tb.Errorf("%s\nthe payloads differ at %v:\n%s", m.body, path, diff)
	}
	return from
}

// decided returns data as it would be in one piece, where all that is known of an entity decides whether it is null. In
// parts, a response that shows that it is unknown may come after the entity was sent, and the request that verifies it
// may fail where those in later parts would not.
func (m *merged) decided(want, got any, path []any) any {
	if isEntity(want) && got == nil && m.failed[fmt.Sprint(path)] || isEntity(got) && want == nil {
		m.undecided = append(m.undecided, steps(path))
		return want
	}
	switch got := got.(type) {
	case map[string]any:
		wanted, _ := want.(map[string]any)
		for name, value := range got {
			got[name] = m.decided(wanted[name], value, append(slices.Clone(path), name))
		}
	case []any:
		wanted, _ := want.([]any)
		for i := range min(len(wanted), len(got)) {
			got[i] = m.decided(wanted[i], got[i], append(slices.Clone(path), i))
		}
	}
	return got
}

// isEntity reports whether a value is an entity.
func isEntity(value any) bool {
	object, _ := value.(map[string]any)
	named, _ := object["__typename"].(string)
	return slices.Contains(plan.Schema.GetPossibleTypes(plan.Schema.Types["Node"]), plan.Schema.Types[named])
}

// besideUndecided returns the errors that are neither at nor below an entity that is undecided.
func (m *merged) besideUndecided(errors map[string]bool) map[string]bool {
	beside := maps.Clone(errors)
	maps.DeleteFunc(beside, func(text string, _ bool) bool {
		return slices.ContainsFunc(m.undecided, func(path string) bool { return strings.HasPrefix(text, path) })
	})
	return beside
}

// steps is a path as text, of which each step ends in a slash.
func steps(path []any) string {
	var b strings.Builder
	for _, step := range path {
		_, _ = fmt.Fprint(&b, step, "/")
	}
	return b.String()
}

// valueAt returns what is at a path, or nil.
func valueAt(data any, path []any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := data.(map[string]any)
			data = object[step]
		case float64:
			list, _ := data.([]any)
			if int(step) >= len(list) {
				return nil
			}
			data = list[int(step)]
		}
	}
	return data
}
