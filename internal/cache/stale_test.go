package cache_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"portico/msgraph"
)

const asn = "/hosts/a?$select=id,asn"

// unsent is the failure of a request that got no token.
type unsent struct{}

func (unsent) Error() string   { return "no token" }
func (unsent) Retryable() bool { return false }

// refused is the failure of a request whose 401 the round tripper made an error of.
type refused struct{ unsent }

func (refused) Response() *http.Response { return &http.Response{StatusCode: http.StatusUnauthorized} }

func TestWhatIsServedWhenMicrosoftGraphFails(t *testing.T) {
	unavailable := &msgraph.Error{Kind: msgraph.Unavailable, Status: 503}
	for name, tt := range map[string]struct {
		age     time.Duration
		failure error
		query   string
		served  bool
	}{
		"an entry of 3 hours, and a 503":           {3 * time.Hour, unavailable, asn, true},
		"an entry of 23 hours":                     {23 * time.Hour, unavailable, asn, true},
		"an entry of 25 hours":                     {25 * time.Hour, unavailable, asn, false},
		"an entry that lacks a property":           {3 * time.Hour, unavailable, "/hosts/a?$select=id,asn,name", false},
		"nothing was stored":                       {3 * time.Hour, unavailable, "/hosts/b?$select=id", false},
		"a pause after a 429":                      {3 * time.Hour, &msgraph.Error{Kind: msgraph.Throttled, Status: 429}, asn, true},
		"a response that is not Microsoft Graph's": {3 * time.Hour, &msgraph.Error{Kind: msgraph.BadResponse, Status: 200}, asn, true},
		"a 500":                       {3 * time.Hour, &msgraph.Error{Kind: msgraph.Refused, Status: 500}, asn, true},
		"no connection":               {3 * time.Hour, &msgraph.Error{Kind: msgraph.Unavailable}, asn, true},
		"nothing can be sent in time": {3 * time.Hour, &msgraph.Error{Kind: msgraph.Overloaded}, asn, true},
		"a 400":                       {3 * time.Hour, &msgraph.Error{Kind: msgraph.Refused, Status: 400}, asn, false},
		"a 401":                       {3 * time.Hour, &msgraph.Error{Kind: msgraph.Refused, Status: 401}, asn, false},
		"a 403":                       {3 * time.Hour, &msgraph.Error{Kind: msgraph.Refused, Status: 403}, asn, false},
		"a 404":                       {3 * time.Hour, &msgraph.Error{Kind: msgraph.Refused, Status: 404}, asn, false},
		"a 401 that became an error of the round tripper": {3 * time.Hour, &msgraph.Error{Kind: msgraph.Unavailable, Err: refused{}}, asn, false},
		"no token": {3 * time.Hour, &msgraph.Error{Kind: msgraph.Unavailable, Err: unsent{}}, asn, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.get(t.Context(), asn)
			w.set(func() { w.failures[""] = tt.failure })
			w.pass(tt.age)
			replies, use := w.get(t.Context(), tt.query)
			if served := replies[0].err == nil; served != tt.served {
				t.Fatalf("served: %v, want %v: %v", served, tt.served, replies[0].err)
			}
			want := msgraph.CacheUse{Answers: 1}
			if tt.served {
				want = msgraph.CacheUse{Answers: 1, Hits: 1, Stale: 1, Age: tt.age}
			} else if !errors.Is(replies[0].err, tt.failure) {
				t.Errorf("failed with %v, want %v", replies[0].err, tt.failure)
			}
			if name == "a 404" {
				want.Left = 5 * time.Minute
			}
			if use != want {
				t.Errorf("noted %+v, want %+v", use, want)
			}
		})
	}
}

// Between once and twice its lifetime, an entry is served at once, and one request behind renews it.
func TestAnEntryPastItsTimeIsRenewedBehind(t *testing.T) {
	w := newWorld(t)
	w.get(t.Context(), "/hosts/a?$select=id,asn,name")
	w.get(t.Context(), "/hosts/b?$select=id,asn,name")
	w.pass(30 * time.Minute)
	w.get(past(t), "/hosts/a?$select=id,name")
	w.take()
	w.pass(31 * time.Minute)
	hold := make(chan struct{})
	w.set(func() { w.hold, w.version = hold, 1 })
	for range 3 {
		replies, use := w.get(t.Context(), "/hosts/a?$select=id,asn,name", "/hosts/b?$select=id,asn")
		if properties(t, replies[0])["asn"] != 0.0 || use.Hits != 2 || use.Stale != 2 || use.Age != 61*time.Minute || use.Left != 0 {
			t.Errorf("%v, %+v", replies, use)
		}
	}
	close(hold)
	for w.Snapshot().Stores < 5 {
		time.Sleep(time.Millisecond)
	}
	replies, use := w.get(t.Context(), "/hosts/a?$select=id,asn,name", "/hosts/b?$select=id,asn")
	if properties(t, replies[0])["asn"] != 1.0 || use.Stale != 0 || use.Hits != 2 {
		t.Errorf("%v, %+v", replies, use)
	}
	if sent := w.take(); len(sent) != 1 || len(sent[0]) != 2 || sent[0][0] != "/hosts/a?$select=asn" {
		t.Errorf("sent %v, want what was past its time once", sent)
	}
}

func TestRenewalsCountOnceAndNotInTheTrace(t *testing.T) {
	w := newWorld(t)
	w.get(t.Context(), asn)
	w.pass(90 * time.Minute)
	hold := make(chan struct{})
	w.set(func() { w.hold = hold })
	_, first := w.get(t.Context(), asn)
	_, second := w.get(t.Context(), asn)
	close(hold)
	if first.Renewals != 1 || second.Renewals != 0 {
		t.Errorf("%d renewals, then %d", first.Renewals, second.Renewals)
	}
}

// Goroutines that renew entries end with the cache, as TestMain checks.
func TestCloseEndsRenewals(t *testing.T) {
	w := newWorld(t)
	w.get(t.Context(), asn)
	w.pass(90 * time.Minute)
	w.set(func() { w.hold = make(chan struct{}) })
	w.get(t.Context(), asn)
	w.Close()
}

// The pages that led to a link are of no use once Microsoft Graph refuses the link.
func TestARefusedLinkForgetsTheList(t *testing.T) {
	w := newWorld(t)
	w.set(func() { w.responses["/list"] = `{"value":[],"@odata.nextLink":"l"}` })
	w.get(t.Context(), "/list?$select=id&$top=5", "/hosts/a?$select=id")
	w.set(func() { w.failures["/list"] = &msgraph.Error{Kind: msgraph.Refused, Status: 400} })
	w.get(t.Context(), "/list?$skiptoken=x")
	if _, use := w.get(t.Context(), "/list?$select=id&$top=5"); use.Hits != 0 {
		t.Error("the first page is served still")
	}
	if _, use := w.get(t.Context(), "/hosts/a?$select=id"); use.Hits != 1 {
		t.Error("another entry was forgotten")
	}
}
