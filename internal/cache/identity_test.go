package cache_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"portico/internal/cache"
	"portico/msgraph"
)

func TestNoIdentityIsServedWhatAnotherRequested(t *testing.T) {
	w := newWorld(t)
	w.get(as(t, cache.Identity{Key: "user:t/1"}), asn)
	for _, key := range []string{"user:t/2", "user:t/", "user:t/1\n", "app", ""} {
		if _, use := w.get(as(t, cache.Identity{Key: key}), asn); use.Hits != 0 {
			t.Errorf("%q was served what another requested", key)
		}
	}
	if _, use := w.get(as(t, cache.Identity{Key: "user:t/1"}), asn); use.Hits != 1 {
		t.Error("the identity itself was not served")
	}
}

func TestATokenIsServedOnceMicrosoftGraphAcceptedIt(t *testing.T) {
	denied := &msgraph.Error{Kind: msgraph.Refused, Status: 401}
	unknown := &msgraph.Error{Kind: msgraph.Refused, Status: 404}
	for name, tt := range map[string]struct {
		first   error // of another resource
		expires time.Duration
		after   time.Duration
		served  bool
	}{
		"accepted":                                   {nil, time.Hour, time.Minute, true},
		"accepted, with a notice":                    {&msgraph.Notice{}, time.Hour, time.Minute, true},
		"accepted, and expired by now":               {nil, time.Minute, 2 * time.Minute, false},
		"accepted, without an expiry, 4 minutes ago": {nil, 0, 4 * time.Minute, true},
		"accepted, without an expiry, 6 minutes ago": {nil, 0, 6 * time.Minute, false},
		"refused": {denied, time.Hour, time.Minute, false},
		"a 404, which does not show that the token is valid": {unknown, time.Hour, time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := cache.Identity{Key: "token:1", Unverified: true}
			if tt.expires > 0 {
				id.Expires = w.Now().Add(tt.expires)
			}
			if tt.first != nil {
				w.failures["/hosts/b"] = tt.first
			}
			w.get(as(t, id), "/hosts/b?$select=id")
			if tt.first == nil {
				w.get(as(t, id), asn)
			} else if tt.served {
				w.get(as(t, id), asn)
			}
			w.pass(tt.after)
			url := "/hosts/b?$select=id"
			if tt.served {
				url = asn
			}
			if _, use := w.get(as(t, id), url); (use.Hits == 1) != tt.served {
				t.Errorf("served: %v, want %v", use.Hits == 1, tt.served)
			}
		})
	}
}

func TestADenialDropsTheEntriesOfTheIdentityAlone(t *testing.T) {
	for _, status := range []int{401, 403} {
		w := newWorld(t)
		one, other := as(t, cache.Identity{Key: "user:t/1"}), as(t, cache.Identity{Key: "user:t/2"})
		w.get(one, asn, "/hosts/b?$select=id")
		w.get(other, asn)
		w.set(func() { w.failures["/denied"] = &msgraph.Error{Kind: msgraph.Refused, Status: status} })
		w.get(one, "/denied?$select=id")
		w.set(func() { w.failures[""] = &msgraph.Error{Kind: msgraph.Unavailable, Status: 503} })
		w.pass(2 * time.Hour)
		if _, use := w.get(one, asn, "/hosts/b?$select=id"); use.Hits != 0 {
			t.Errorf("after a %d, the identity was served from the cache", status)
		}
		if _, use := w.get(other, asn); use.Hits != 1 {
			t.Errorf("after another's %d, the identity was not served", status)
		}
	}
}

// A response that was requested before the denial must not bring the entries back.
func TestWhatIsUnderWayDuringADenialIsNotStored(t *testing.T) {
	w := newWorld(t)
	w.get(t.Context(), "/hosts/b?$select=id")
	hold, done := make(chan struct{}), make(chan struct{})
	w.set(func() { w.hold = hold })
	w.take()
	go func() {
		defer close(done)
		w.get(t.Context(), asn)
	}()
	for len(w.take()) == 0 {
		time.Sleep(time.Millisecond)
	}
	w.set(func() {
		w.hold, w.failures["/denied"] = nil, &msgraph.Error{Kind: msgraph.Refused, Status: 403}
	})
	w.get(t.Context(), "/denied?$select=id")
	close(hold)
	<-done
	if _, use := w.get(t.Context(), asn); use.Hits != 0 {
		t.Error("served from a response that was requested before the denial")
	}
}

// Somebody who sends wrong tokens all the time must not keep others' responses from being stored.
func TestWrongTokensDropNobodysEntries(t *testing.T) {
	w := newWorld(t)
	w.failures["/denied"] = &msgraph.Error{Kind: msgraph.Refused, Status: 401}
	hold, done := make(chan struct{}), make(chan struct{})
	w.set(func() { w.hold = hold })
	go func() {
		defer close(done)
		w.get(t.Context(), asn)
	}()
	for len(w.take()) == 0 {
		time.Sleep(time.Millisecond)
	}
	w.set(func() { w.hold = nil })
	for i := range 11_000 {
		w.get(as(t, cache.Identity{Key: fmt.Sprint("token:", i), Unverified: true}), "/denied?$select=id")
	}
	close(hold)
	<-done
	if _, use := w.get(t.Context(), asn); use.Hits != 1 {
		t.Error("the response was not stored, or is forgotten")
	}
}

// Whatever happens, an identity is served what it or nobody requested. The values of a response say for whom it was.
func TestIdentitiesNeverShare(t *testing.T) {
	w := newWorld(t)
	random := rand.New(rand.NewPCG(1, 2))
	ids := []cache.Identity{
		{Key: "app"},
		{Key: "user:t/1"},
		{Key: "user:t/2"},
		{Key: "app:t/1"},
		{Key: "token:a", Unverified: true},
		{Key: "token:b", Unverified: true, Expires: w.Now().Add(5 * time.Hour)},
		{Key: "nobody", Unverified: true},
	}
	served := 0
	for range 5000 {
		i := random.IntN(len(ids))
		w.set(func() {
			w.version = i
			delete(w.failures, "")
			switch random.IntN(40) {
			case 0:
				w.failures[""] = &msgraph.Error{Kind: msgraph.Refused, Status: 403}
			case 1, 2:
				w.failures[""] = &msgraph.Error{Kind: msgraph.Unavailable, Status: 503}
			}
		})
		w.pass(time.Duration(random.IntN(120)) * time.Second)
		url := fmt.Sprintf("/hosts/%d?$select=id,%s", random.IntN(4), []string{"asn", "city", "asn,city"}[random.IntN(3)])
		replies, use := w.get(as(t, ids[i]), url)
		served += use.Hits
		if replies[0].err != nil {
			continue
		}
		// What renews an entry behind runs while the test goes on to the next identity, so that the fake cannot know whose
		// it is: those are left out by waiting for them.
		for w.Renewing() {
			time.Sleep(time.Microsecond)
		}
		for name, value := range properties(t, replies[0]) {
			if value != float64(i) {
				t.Fatalf("%q was served %s of %q", ids[i].Key, name, ids[int(value.(float64))].Key)
			}
		}
	}
	if served < 1000 {
		t.Errorf("only %d hits", served)
	}
}
