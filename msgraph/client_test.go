package msgraph_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"portico/msgraph"
)

func TestNewChecksTheBase(t *testing.T) {
	for base, ok := range map[string]bool{
		"https://graph.microsoft.com/v1.0":  true,
		"https://graph.microsoft.com/v1.0/": true,
		"http://127.0.0.1:8080/v1.0":        true,
		"http://[::1]/v1.0":                 true,
		"http://localhost:1/v1.0":           true,
		"http://graph.microsoft.com/v1.0":   false,
		"http://127.0.0.1.evil.example":     false,
		"http://192.0.2.1/v1.0":             false,
		"https://me:secret@graph.example":   false,
		"https://graph.example/?secret=1":   false,
		"https://graph.example/#secret":     false,
		"graph.microsoft.com/v1.0":          false,
		"ftp://127.0.0.1/v1.0":              false,
		"https:///v1.0":                     false,
		"https://secret\x7f/":               false,
		"":                                  false,
	} {
		_, err := msgraph.New(base)
		if (err == nil) != ok {
			t.Errorf("%q: %v", base, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("error shows the base: %v", err)
		}
	}
}

func TestEndedContextSendsNothing(t *testing.T) {
	for _, calls := range []int{1, 2, 3, 41} {
		s := &service{}
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("gone")
		cancel(reason)
		for _, got := range fetch(ctx, t, newClient(t, s), paths(calls)...) {
			if got.verdict() != "timed out" || !errors.Is(got.err, reason) {
				t.Errorf("%d calls: got %v", calls, got.err)
			}
		}
		if got := s.sent(); got != nil {
			t.Errorf("%d calls: sent %v", calls, got)
		}
	}
}

func TestErrorSaysWhatIsKnown(t *testing.T) {
	for want, failure := range map[string]*msgraph.Error{
		"msgraph: refused: status 403: Forbidden: No license.": {Kind: msgraph.Refused, Status: 403, Code: "Forbidden", Message: "No license.", RequestID: "00000000-0000-4000-8000-000000000001"},
		"msgraph: unavailable: unexpected EOF":                 {Kind: msgraph.Unavailable, Err: io.ErrUnexpectedEOF},
		"msgraph: throttled: status 429":                       {Kind: msgraph.Throttled, Status: 429, RetryAfter: time.Second},
		"msgraph: unknown":                                     {},
	} {
		if got := failure.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestErrorObjectsAreReadAsFarAsPossible(t *testing.T) {
	type told struct{ code, message, id string }
	for name, row := range map[string]struct {
		body string
		want told
	}{
		"as documented":             {refusal, told{"Forbidden", "No license.", "00000000-0000-4000-8000-000000000001"}},
		"innererror in lower case":  {`{"error":{"code":"c","innererror":{"request-id":"00000000-0000-4000-8000-000000000005"}}}`, told{"c", "", "00000000-0000-4000-8000-000000000005"}},
		"inner errors nested":       {`{"error":{"code":"c","innerError":{"code":"429","innerError":{"request-id":"00000000-0000-4000-8000-000000000005"}}}}`, told{"c", "", "00000000-0000-4000-8000-000000000005"}},
		"empty code and message":    {`{"error":{"code":"","message":""}}`, told{}},
		"null":                      {`{"error":null}`, told{}},
		"text":                      {`{"error":"invalid_request"}`, told{"", "invalid_request", ""}},
		"text with a description":   {`{"error":"invalid_request","error_description":"d"}`, told{"invalid_request", "d", ""}},
		"code of the wrong kind":    {`{"error":{"code":5,"message":"m"}}`, told{"", "m", ""}},
		"inner error of wrong kind": {`{"error":{"code":"c","innerError":[1],"message":"m"}}`, told{"c", "m", ""}},
		"doubled names":             {`{"error":{"code":"a","code":"b"}}`, told{"b", "", ""}},
		"byte-order mark":           {"\ufeff" + refusal, told{"Forbidden", "No license.", "00000000-0000-4000-8000-000000000001"}},
		"UTF-16":                    {utf16(refusal), told{"Forbidden", "No license.", "00000000-0000-4000-8000-000000000001"}},
		"torn":                      {`{"error":{"code":"c","message":"m","innerError":{"request`, told{"c", "m", ""}},
		"a list":                    {`[1]`, told{}},
		"a long message":            {`{"error":{"message":"` + strings.Repeat("long ", 1000) + `"}}`, told{"", strings.Repeat("long ", 199) + "long", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &service{replies: map[string][]reply{one: {{status: 403, body: row.body}}}}
			got := fetch(t.Context(), t, newClient(t, s), one)[0].err
			if got := (told{got.Code, got.Message, got.RequestID}); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

// utf16 returns an ASCII text in UTF-16 with a byte-order mark.
func utf16(text string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, c := range []byte(text) {
		b.Write([]byte{c, 0})
	}
	return b.String()
}

func TestRequestIDOfTheHeaderIsKept(t *testing.T) {
	s := &service{replies: map[string][]reply{
		one:         {{status: 403, header: map[string]string{"request-id": "00000000-0000-4000-8000-000000000002"}, body: refusal}},
		paths(3)[1]: {{status: 404, header: map[string]string{"Request-ID": "00000000-0000-4000-8000-000000000003"}}},
		paths(3)[2]: {{header: map[string]string{"Content-Type": "text/plain"}, body: "<html>"}},
	}}
	c := newClient(t, s)
	if got := fetch(t.Context(), t, c, one)[0].err; got.RequestID != "00000000-0000-4000-8000-000000000002" {
		t.Errorf("got %q", got.RequestID)
	}
	if got := fetch(t.Context(), t, c, paths(3)...); got[1].err.RequestID != "00000000-0000-4000-8000-000000000003" {
		t.Errorf("item: got %q", got[1].err.RequestID)
	}
}
