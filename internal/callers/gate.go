package callers

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	lru "github.com/hashicorp/golang-lru/v2"

	"portico/internal/auth"
	"portico/internal/quota"
)

const (
	// leeway is how far the clocks of issuer and Portico may differ.
	leeway = time.Minute
	// maxRemembered is how many verified tokens are remembered.
	maxRemembered = 4096
	// maxToken is the length of a token beyond which it is not looked at.
	maxToken = 16 << 10
)

// Options say how callers are authenticated: by Entra, by OIDC, or, if both are nil, not at all.
type Options struct {
	Entra *Entra
	OIDC  *OIDC
	// PublicURL is the base URL under which callers reach Portico; empty: as the request names it.
	PublicURL string
	// Authority is the base URL of Microsoft Entra ID. Challenges for callers that are not authenticated lead there.
	Authority string
	// Refused counts the refused tokens of each address; nil counts none.
	Refused quota.Store
	// Client fetches keys; it follows no redirect.
	Client *http.Client
	// Observer counts what happens.
	Observer Observer
	Log      *slog.Logger
}

// Observer is told what happens at a gate. A function may be nil.
type Observer struct {
	// Refused is told why a request was not let in, by one of a few words.
	Refused func(ctx context.Context, reason string)
	// Fetched is told of each fetch of signing keys.
	Fetched func(ctx context.Context, err error)
}

// verifier decides about the tokens of one kind of issuer.
type verifier interface {
	// verify returns whose token it is, or a *refusal. It sends nothing.
	verify(token string) (Caller, error)
	keySets() []*keySet
	issuers() []string
	// scopes are what clients may request to be allowed to call.
	scopes() []string
	challenge(c Caller, claims string) string
}

// A Gate decides who may call.
type Gate struct {
	verifier  verifier // nil: everybody may
	publicURL string
	authority string
	refused   quota.Store
	observer  Observer

	remembered *lru.Cache[[sha256.Size]byte, *Caller]
	// withdrawals counts the times that a key was withdrawn, so that no token is remembered that it had signed.
	withdrawals atomic.Int64

	end  context.CancelFunc
	runs sync.WaitGroup
}

// New returns a gate and starts to fetch the keys that it needs, until [Gate.Close].
func New(o Options) (*Gate, error) {
	remembered, err := lru.New[[sha256.Size]byte, *Caller](maxRemembered)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(context.Background())
	g := &Gate{
		publicURL: o.PublicURL, authority: o.Authority, refused: o.Refused, observer: o.Observer,
		remembered: remembered, end: end,
	}
	client := keyClient(o.Client)
	switch {
	case o.Entra != nil:
		g.verifier = newEntra(*o.Entra, client, o.Log)
	case o.OIDC != nil:
		g.verifier = newOIDC(*o.OIDC, client, o.Log)
	default:
		return g, nil
	}
	for _, keys := range g.verifier.keySets() {
		keys.withdrawn = g.forget
		if o.Observer.Fetched != nil {
			keys.fetched = o.Observer.Fetched
		}
		g.runs.Go(func() { keys.run(ctx) })
	}
	return g, nil
}

// keyClient returns a client that follows no redirect: keys are believed because of where they are.
func keyClient(base *http.Client) *http.Client {
	client := *base
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// newParser returns a parser with the checks that golang-jwt leaves off by default.
func newParser(algorithms, audiences []string, more ...jwt.ParserOption) *jwt.Parser {
	return jwt.NewParser(append([]jwt.ParserOption{
		jwt.WithValidMethods(algorithms), jwt.WithExpirationRequired(), jwt.WithAudience(audiences...),
		jwt.WithLeeway(leeway), jwt.WithStrictDecoding(),
	}, more...)...)
}

// Close stops fetching keys.
func (g *Gate) Close() {
	g.end()
	g.runs.Wait()
}

// Ready returns an error while the keys of an issuer have never been loaded.
func (g *Gate) Ready() error {
	if g.verifier == nil {
		return nil
	}
	var missing []error
	for _, keys := range g.verifier.keySets() {
		if !keys.loaded.Load() {
			missing = append(missing, fmt.Errorf("the signing keys of %s are not loaded yet", keys.issuer))
		}
	}
	return errors.Join(missing...)
}

// verify returns whose token it is. A token that was verified before is recognized by its hash until it expires.
func (g *Gate) verify(token string) (*Caller, error) {
	if len(token) > maxToken {
		return nil, errMalformed
	}
	sum := hash(token)
	if caller, known := g.remembered.Get(sum); known && time.Now().Before(caller.expires) {
		return caller, nil
	}
	withdrawals := g.withdrawals.Load()
	verified, err := g.verifier.verify(token)
	if err != nil {
		return nil, err
	}
	caller := verified.named()
	g.remembered.Add(sum, &caller)
	if g.withdrawals.Load() != withdrawals {
		g.remembered.Remove(sum)
	}
	return &caller, nil
}

// hash copies the usual token to the stack, so that hashing it allocates nothing.
func hash(token string) [sha256.Size]byte {
	var buffer [4096]byte
	return sha256.Sum256(append(buffer[:0], token...))
}

// forget drops what was remembered, since a key that signed some of it is no longer good.
func (g *Gate) forget() {
	g.withdrawals.Add(1)
	g.remembered.Purge()
}

// Challenge returns the WWW-Authenticate header with which a response asks the caller of ctx for a token with the
// claims; empty if the caller's client cannot answer that.
func (g *Gate) Challenge(ctx context.Context, claims string) string {
	if caller, known := Of(ctx); known {
		if !caller.Challenges {
			return ""
		}
		return g.verifier.challenge(caller, claims)
	}
	if g.verifier == nil && announces(auth.CallerOf(ctx).Token) {
		return claimsChallenge(g.authority+"/common/oauth2/v2.0/authorize", claims)
	}
	return ""
}
