package msgraph_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"portico/msgraph"
)

func FuzzEntity(f *testing.F) {
	for _, seed := range []string{
		hostPort, refusal, `{}`, `null`, `{"value":[{"id":"a"}]}`, `{"value":{"id":"a","port":"1"}}`, `{"id":"a","port":1e99,"banners":{"a":[]}}`,
		`{"id":"a","tags":[1,{},"x",null],"host":{"id":7},"firstSeenDateTime":"2016-17-13T08:43:41.00Z"}`, `{"@a":"\"","value":1,"id":"x"}`,
		`{"id":"a","banners":[null,1,{"timesObserved":"3.0"}]}`, "\xef\xbb\xbf{}", `{"id":"a"} x`, `{"port":-0,"id":"-"}`, `{"@":"","id":"a"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		got, lost, err := msgraph.Entity[port](body, msgraph.Asked{})
		if !bytes.Equal(before, body) {
			t.Fatal("the body was changed")
		}
		failure, typed := errors.AsType[*msgraph.Error](err)
		switch {
		case err != nil && (!typed || failure.Kind != msgraph.BadResponse || got != nil):
			t.Fatalf("got %v with %v", got, err)
		case err == nil && got != nil && got.ID == "":
			t.Fatal("entity without id")
		case len(lost) > 100:
			t.Fatalf("%d values lost", len(lost))
		}
		if id := idOf(body); id != "" && (err != nil || got == nil || got.ID != id) {
			t.Fatalf("entity with id %q: got %v, %v", id, got, err)
		}
	})
}

// idOf returns the id of a valid JSON object, if it has one.
func idOf(body []byte) string {
	var members map[string]jsontext.Value
	if jsontext.Value(body).Kind() != '{' || json.Unmarshal(body, &members) != nil {
		return ""
	}
	var id string
	if json.Unmarshal(members["id"], &id) != nil {
		return ""
	}
	return id
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"2", "0.249", "-1", "soon", "99999999999", "1e3", "Sat, 01 Jan 2000 00:00:03 GMT", "Saturday, 01-Jan-00 00:00:03 GMT", "Sat Jan  1 00:00:03 2000", "", ".", "+.5", "0x1p3"} {
		f.Add(seed, "Sat, 01 Jan 2000 00:00:00 GMT")
	}
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value, date string) {
		if got := msgraph.ParseRetryAfter(value, date, now); got != 0 && (got < 100*time.Millisecond || got > 366*24*time.Hour) {
			t.Fatalf("%q with date %q: %v", value, date, got)
		}
	})
}

func FuzzBatchAnswer(f *testing.F) {
	f.Add(batchOf(3), 3)
	for _, seed := range []string{
		`{"responses":[{"id":"1","status":"200","body":"eyJpZCI6IjEifQ=="}]}`, `{"responses":[{"id":1,"status":429,"headers":{"retry-after":3}}]}`,
		`{"responses":[null,{},{"id":"01"},{"id":"1"},{"id":"1"}]}`, `{"responses":null}`, `{"responses":[],"responses":[{"id":"2","status":200,"body":{}}]}`,
		`{"responses":[{"id":"1","status":200,"body":{"a":"` + "\xff" + `","a":1}}]}`, `[]`, `{`,
		`{"responses":[{"id":"1","status":200,"body":{"id":"x"}},{"id":"2","status":503,"body":<html>`, "\xff\xfe{\x00}\x00", "\ufeff{",
		`{"responses":[{"id":"1","status":200,"body":""}`, `{"responses":[{"id":"1","status":401,"headers":{"WWW-Authenticate":["a",{}],"Retry-After":1e999}}]} x`,
	} {
		f.Add([]byte(seed), 2)
	}
	f.Fuzz(func(t *testing.T, body []byte, size int) {
		if size < 1 || size > 20 {
			return
		}
		if !msgraph.ReadBatchAgrees(body, size) {
			t.Fatal("the two ways to read the response disagree")
		}
		before := bytes.Clone(body)
		bodies, _, failure := msgraph.ReadBatch(body, size)
		if len(bodies) > size || failure != nil && failure.Status != 200 {
			t.Fatalf("%d bodies, %v", len(bodies), failure)
		}
		for _, one := range bodies {
			if !jsontext.Value(one).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
				t.Fatalf("success with the body %q", one)
			}
			_, _, _ = msgraph.Entity[port](one, msgraph.Asked{})
		}
		if !bytes.Equal(before, body) {
			t.Fatal("the body was changed")
		}
	})
}
