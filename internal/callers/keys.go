package callers

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"

	"portico/internal/failure"
)

const (
	// refreshInterval is how often keys are fetched again. Issuers publish a key some time before they sign with it.
	refreshInterval = 10 * time.Minute
	// refreshPause and refreshBurst bound the fetches that unknown key ids cause, since anybody can invent one.
	refreshPause = 10 * time.Second
	refreshBurst = 5
	// retryLeast and retryMost bound the wait after a fetch that failed.
	retryLeast = time.Second
	retryMost  = time.Minute

	fetchTimeout = 5 * time.Second
	maxKeySet    = 1 << 20 // bytes
	minRSABits   = 2048
)

// A keySet has the keys of one issuer. They are fetched in the background: jwkset's own HTTP storage refreshes them
// while a request waits, and bounds that fetch by the time it waits for its rate limiter, so that a short wait means no
// refresh.
type keySet struct {
	issuer    string // for the log
	locate    func(context.Context) (url string, err error)
	client    *http.Client
	log       *slog.Logger
	withdrawn func() // called when a key is gone, because what it signed is no longer good
	fetched   func(context.Context, error)

	storage *jwkset.MemoryJWKSet
	find    keyfunc.Keyfunc
	loaded  atomic.Bool
	wanted  chan struct{}
	limit   *rate.Limiter
}

func newKeySet(
	issuer string, client *http.Client, log *slog.Logger, locate func(context.Context) (string, error),
) *keySet {
	storage := jwkset.NewMemoryStorage()
	find, err := keyfunc.New(keyfunc.Options{Storage: storage})
	if err != nil {
		panic(err) // only a missing storage is refused
	}
	return &keySet{
		issuer: issuer, locate: locate, client: client, log: log,
		withdrawn: func() {}, fetched: func(context.Context, error) {},
		storage: storage, find: find,
		wanted: make(chan struct{}, 1), limit: rate.NewLimiter(rate.Every(refreshPause), refreshBurst),
	}
}

// key returns the key that a token names. An unknown one asks for a refresh and fails at once.
func (k *keySet) key(token *jwt.Token) (any, error) {
	switch {
	case !isAccessToken(token.Header):
		return nil, unauthenticated("This is not an access token. Send an access token.")
	case !k.loaded.Load():
		return nil, errNoKeys
	}
	key, err := k.find.Keyfunc(token)
	if errors.Is(err, jwkset.ErrKeyNotFound) {
		select {
		case k.wanted <- struct{}{}:
		default: // asked for already
		}
		return nil, unauthenticated("The access token is signed with a key that its issuer does not publish.")
	}
	if err != nil {
		return nil, errMalformed
	}
	return key, nil
}

// isAccessToken reports whether the header of a token may be an access token's. Issuers sign other tokens with the same
// keys, such as those that end a session (typ logout+jwt), and a critical extension (crit) may change what it all
// means.
func isAccessToken(header map[string]any) bool {
	kind, isText := header["typ"].(string)
	_, critical := header["crit"]
	kind = strings.TrimPrefix(strings.ToLower(kind), "application/")
	return !critical && (header["typ"] == nil || isText && (kind == "jwt" || kind == "at+jwt"))
}

// run fetches the keys until ctx ends: at once, at intervals, after failures, and when an unknown key id was seen.
func (k *keySet) run(ctx context.Context) {
	retry := retryLeast
	for {
		wait := refreshInterval
		err := k.fetch(ctx)
		k.fetched(ctx, err)
		if err != nil {
			k.log.WarnContext(ctx, "fetching the signing keys of callers' tokens failed",
				"issuer", k.issuer, "error", err.Error(),
				"keys_in_use", k.loaded.Load(), "retry_in", retry.String())
			wait, retry = retry, min(2*retry, retryMost)
		} else {
			retry = retryLeast
		}
		if !k.pause(ctx, wait) {
			return
		}
	}
}

// pause waits for the time or for an unknown key id, as far as the rate limit allows. It reports whether ctx goes on.
func (k *keySet) pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	case <-k.wanted:
		return k.limit.Wait(ctx) == nil
	}
}

// fetch replaces the keys. When it fails, those in use stay.
func (k *keySet) fetch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	address, err := k.locate(ctx)
	if err != nil {
		return err
	}
	var document jwkset.JWKSMarshal
	if err := getJSON(ctx, k.client, address, &document); err != nil {
		return err
	}
	keys := usable(document.Keys)
	if len(keys) == 0 {
		return errors.New("the key set has no key that can verify signatures")
	}
	return k.replace(ctx, keys)
}

func (k *keySet) replace(ctx context.Context, keys []jwkset.JWK) error {
	before, err := k.storage.KeyReadAll(ctx)
	if err != nil {
		return err
	}
	if err := k.storage.KeyReplaceAll(ctx, keys); err != nil {
		return err
	}
	for _, old := range before {
		if !slices.ContainsFunc(keys, func(key jwkset.JWK) bool { return sameKey(old, key) }) {
			k.withdrawn()
			break
		}
	}
	k.loaded.Store(true)
	return nil
}

// sameKey reports whether two entries are the same key under the same id.
func sameKey(a, b jwkset.JWK) bool {
	x, y := a.Marshal(), b.Marshal()
	return x.KID == y.KID && x.KTY == y.KTY && x.N == y.N && x.E == y.E && x.X == y.X && x.Y == y.Y
}

// usable returns the keys that signatures may be verified with. A key that cannot be read does not spoil the others.
func usable(published []jwkset.JWKMarshal) []jwkset.JWK {
	var keys []jwkset.JWK
	for _, one := range published {
		if one.USE != "" && one.USE != jwkset.UseSig {
			continue
		}
		one.X5C, one.X5T, one.X5TS256, one.X5U = nil, "", "", "" // TLS vouches for the keys, not their certificates
		key, err := jwkset.NewJWKFromMarshal(one, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil || !strong(key.Key()) {
			continue
		}
		keys = append(keys, key)
	}
	return keys
}

// strong refuses symmetric keys, which are not secret once published, and short ones.
func strong(key any) bool {
	switch key := key.(type) {
	case []byte:
		return false
	case *rsa.PublicKey:
		return key.N.BitLen() >= minRSABits
	}
	return true
}

// getJSON reads a document of the issuer. Its errors name neither address nor content.
func getJSON(ctx context.Context, client *http.Client, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("the address is not a URL")
	}
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return errors.New("no response from the issuer: " + failure.Class(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the issuer returned HTTP status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeySet+1))
	switch {
	case err != nil:
		return errors.New("no response from the issuer: " + failure.Class(err))
	case len(body) > maxKeySet:
		return fmt.Errorf("the issuer's response is longer than %d bytes", maxKeySet)
	case json.Unmarshal(body, into) != nil:
		return errors.New("the issuer did not return the expected JSON document")
	}
	return nil
}
