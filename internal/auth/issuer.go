package auth

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"

	"portico/graph/code"
)

// grant is a token and how long it is good for.
type grant struct {
	token string
	// expires is when it stops being used, a little before it stops being good.
	expires time.Time
	// refresh is when a new one is fetched beside it.
	refresh time.Time
}

// grantOf counts the life of a token from now, its receipt: MSAL gives the end of it by this machine's clock, and the
// monotonic clock is not put back or forward.
func grantOf(token string, expires, refresh time.Time) grant {
	now := time.Now()
	life := expires.Sub(now)
	g := grant{token: token, expires: now.Add(life - min(30*time.Second, life/10))}
	switch early := refresh.Sub(now); {
	case !refresh.IsZero() && early > 0 && early < life:
		g.refresh = now.Add(early)
	case life > 2*time.Hour:
		g.refresh = now.Add(life / 2)
	default:
		g.refresh = now.Add(life - min(5*time.Minute, life/5))
	}
	return g
}

// issuer asks for tokens; one of each kind of credential.
type issuer interface {
	// application asks for a token of the application's own. It never answers from a cache. The error is an *Error.
	application(ctx context.Context, claims string) (grant, error)
	// onBehalfOf asks for a token for the caller whose token is the assertion.
	onBehalfOf(ctx context.Context, assertion string) (grant, error)
}

// entra asks Microsoft Entra ID. Each request has a client of its own, so that MSAL's caches end with it; what is worth
// keeping is in the endpoint.
type entra struct {
	authority, clientID string
	scopes              []string
	credential          atomic.Pointer[Credential]
	endpoint            *endpoint
	log                 *slog.Logger
}

// client returns a client with a credential, which is read from its file, if it has one.
func (e *entra) client(c *Credential) (confidential.Client, error) {
	credential, err := c.confidential()
	if err != nil {
		return confidential.Client{}, err
	}
	return confidential.New(e.authority, e.clientID, credential,
		confidential.WithHTTPClient(e.endpoint),
		confidential.WithInstanceDiscovery(false),
		confidential.WithClientCapabilities([]string{"CP1"}),
		confidential.WithAzureRegion("DisableMsalForceRegion")) // or MSAL obeys MSAL_FORCE_REGION
}

func (e *entra) application(ctx context.Context, claims string) (grant, error) {
	return e.ask(ctx, "", func(ctx context.Context, c confidential.Client) (confidential.AuthResult, error) {
		var opts []confidential.AcquireByCredentialOption
		if claims != "" {
			opts = append(opts, confidential.WithClaims(claims))
		}
		return c.AcquireTokenByCredential(ctx, e.scopes, opts...)
	})
}

func (e *entra) onBehalfOf(ctx context.Context, assertion string) (grant, error) {
	return e.ask(ctx, assertion, func(ctx context.Context, c confidential.Client) (confidential.AuthResult, error) {
		return c.AcquireTokenOnBehalfOf(ctx, assertion, e.scopes)
	})
}

// ask acquires a token, for the caller with the assertion if there is one.
func (e *entra) ask(
	ctx context.Context, assertion string,
	acquire func(context.Context, confidential.Client) (confidential.AuthResult, error),
) (grant, error) {
	credential := e.credential.Load()
	client, err := e.client(credential)
	if err != nil {
		e.log.ErrorContext(ctx, "cannot read the credential", "error", err)
		return grant{}, &Error{Code: code.UpstreamAuth, Message: "getting a token: the credential cannot be read"}
	}
	var heard refusal
	result, err := acquire(listening(ctx, &heard), client)
	if err != nil {
		if heard == (refusal{}) && strings.Contains(err.Error(), "declined scopes") {
			heard.cause = errDeclined
		}
		return grant{}, heard.explain(flow{
			refused:   "Microsoft Entra ID refused the token request",
			delegated: assertion != "",
			secrets:   []string{credential.secret, assertion},
		})
	}
	return grantOf(result.AccessToken, result.ExpiresOn, result.Metadata.RefreshOn), nil
}

// machine asks the managed identity endpoint of the machine.
type machine struct {
	client   managedidentity.Client
	resource string
}

// newMachine returns an issuer for the identity. Retries are the endpoint's: MSAL's own ignore Retry-After. A machine
// that has just started answers 404 or 410.
func newMachine(id managedidentity.ID, scope string, client *http.Client) (*machine, error) {
	c, err := managedidentity.New(id,
		managedidentity.WithHTTPClient(newEndpoint(client, http.StatusNotFound, http.StatusGone)),
		managedidentity.WithRetryPolicyDisabled())
	if err != nil {
		return nil, err
	}
	return &machine{client: c, resource: strings.TrimSuffix(scope, "/.default")}, nil
}

func (m *machine) application(ctx context.Context, claims string) (grant, error) {
	if claims == "" {
		claims = "{}" // any claims make MSAL leave its cache, which all clients share, out of it
	}
	var heard refusal
	result, err := m.client.AcquireToken(listening(ctx, &heard), m.resource, managedidentity.WithClaims(claims))
	if err == nil {
		return grantOf(result.AccessToken, result.ExpiresOn, result.Metadata.RefreshOn), nil
	}
	return grant{}, heard.explain(flow{refused: "the managed identity endpoint gave no token"})
}

func (m *machine) onBehalfOf(context.Context, string) (grant, error) {
	return grant{}, &Error{Code: code.UpstreamAuth, Message: "a managed identity cannot act on behalf of callers"}
}
