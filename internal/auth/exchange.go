package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"portico/graph/code"
)

const (
	// maxExchanges is how many tokens are exchanged at a time. Others wait.
	maxExchanges = 8
	// maxRefusals is how many refused exchanges an address may cause in a row; it gets one back every refusalEvery.
	maxRefusals  = 150
	refusalEvery = time.Second
	// maxPeers is how many addresses with refusals are remembered.
	maxPeers = 10_000
	// clockSkew is how far the clocks of Portico and of Microsoft Entra ID may differ.
	clockSkew = 5 * time.Minute
	// commonThrottles is how many callers have to be throttled at a time before all of them wait.
	commonThrottles = 3
)

// exchanges guards the token endpoint against made-up tokens: whoever sends them must not be able to have everybody
// else throttled.
type exchanges struct {
	audiences []string
	tenant    string // its id, or empty if only its name is known
	slots     chan struct{}

	mu    sync.Mutex
	peers *simplelru.LRU[string, time.Time] // when an address has all of its refusals back
}

// newExchanges returns a guard for the application with the client id. Without audiences, those are its client id, and
// "api://" and its client id.
func newExchanges(audiences []string, clientID, tenant string) (*exchanges, error) {
	peers, err := simplelru.NewLRU[string, time.Time](maxPeers, nil)
	if err != nil {
		return nil, err
	}
	e := &exchanges{audiences: audiences, slots: make(chan struct{}, maxExchanges), peers: peers}
	if len(e.audiences) == 0 {
		e.audiences = []string{clientID, "api://" + clientID}
	}
	if strings.Count(tenant, "-") == 4 {
		e.tenant = tenant
	}
	return e, nil
}

type delegatedKey struct{}

// do exchanges the caller's token, if there is a point in trying.
func (e *exchanges) do(ctx context.Context, c Caller, exchange func(context.Context) error) error {
	if err := e.check(c.Token, time.Now()); err != nil {
		return &Error{Code: code.Unauthenticated, Message: "the caller's token cannot be exchanged: " + err.Error()}
	}
	peer := c.peer()
	if err := e.locked(peer, time.Now()); err != nil {
		return err
	}
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if err := e.locked(peer, time.Now()); err != nil { // by those that went before
		return err
	}
	err := exchange(context.WithValue(ctx, delegatedKey{}, c.Key))
	if refused, ok := errors.AsType[*Error](err); ok && refused.Code == code.Unauthenticated {
		e.charge(peer, time.Now())
	}
	return err
}

// delegatedOf returns for which caller a token request is, or "" if it is the application's own.
func delegatedOf(req *http.Request) string {
	key, _ := req.Context().Value(delegatedKey{}).(string)
	return key
}

// locked returns an *Error while an address has to wait because of the refusals that it caused.
func (e *exchanges) locked(peer string, now time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	full, found := e.peers.Get(peer)
	wait := full.Sub(now) - (maxRefusals-1)*refusalEvery
	if !found || wait <= 0 {
		return nil
	}
	return &Error{
		Code: code.UpstreamAuth, RetryAfter: wait,
		Message: "too many tokens from this address were refused; retry later",
	}
}

func (e *exchanges) charge(peer string, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	full, _ := e.peers.Get(peer)
	if full.Before(now) {
		full = now
	}
	e.peers.Add(peer, full.Add(refusalEvery))
}

// check reports what is wrong with a token as far as it shows without a signature: its form, its time, for whom and
// from where it is. Microsoft Entra ID verifies the rest.
func (e *exchanges) check(token string, now time.Time) error {
	claims, err := readClaims(token)
	switch {
	case err != nil:
		return err
	case claims.Exp == 0 || now.After(time.Unix(claims.Exp, 0).Add(clockSkew)):
		return errors.New("it has expired, or does not say when it does")
	case claims.Nbf > 0 && now.Before(time.Unix(claims.Nbf, 0).Add(-clockSkew)):
		return errors.New("it is not valid yet")
	case !slices.ContainsFunc(claims.Aud, e.isAudience):
		return fmt.Errorf("its audience is not %s", strings.Join(e.audiences, " or "))
	case e.tenant != "" && !strings.EqualFold(claims.Tid, e.tenant):
		return errors.New("it is of another tenant")
	}
	return nil
}

func (e *exchanges) isAudience(aud string) bool {
	return slices.Contains(e.audiences, strings.TrimSuffix(aud, "/"))
}

// unverified are the claims of a token that anybody may have written.
type unverified struct {
	Exp int64     `json:"exp"`
	Nbf int64     `json:"nbf"`
	Aud audiences `json:"aud"`
	Tid string    `json:"tid"`
}

// audiences are one text or a list of them (RFC 7519, 4.1.3).
type audiences []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audiences) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audiences{one}
		return nil
	}
	var list []string
	err := json.Unmarshal(text, &list)
	*a = list
	return err
}

// maxToken is the length of a token beyond which it is not read.
const maxToken = 16 << 10

func readClaims(token string) (claims unverified, err error) {
	malformed := errors.New("it is not a JWT")
	parts := strings.Split(token, ".")
	if len(token) > maxToken || len(parts) != 3 || parts[2] == "" {
		return claims, malformed
	}
	var header struct {
		Alg string `json:"alg"`
	}
	for i, into := range []any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(text, into) != nil {
			return claims, malformed
		}
	}
	if _, err := base64.RawURLEncoding.DecodeString(parts[2]); err != nil || header.Alg == "" {
		return claims, malformed
	}
	return claims, nil
}

// throttles remembers which callers the token endpoint throttled.
type throttles struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// common notes that a caller is throttled, and reports whether enough callers are throttled to pause all of them.
func (t *throttles) common(caller string, pause time.Duration, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, until := range t.until {
		if !until.After(now) {
			delete(t.until, key)
		}
	}
	if t.until == nil {
		t.until = map[string]time.Time{}
	}
	if len(t.until) < commonThrottles {
		t.until[caller] = now.Add(max(pause, time.Second))
	}
	return len(t.until) >= commonThrottles
}
