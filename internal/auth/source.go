package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"portico/graph/code"
)

// Mode says as whom Microsoft Graph is asked.
type Mode string

// The modes.
const (
	// App asks as the application itself (client credentials).
	App Mode = "app"
	// OnBehalfOf asks for the caller, with a token that the application exchanges the caller's token for.
	OnBehalfOf Mode = "obo"
	// Passthrough asks with the token that the caller brought.
	Passthrough Mode = "passthrough"
)

// Settings say where tokens come from and what they are for.
type Settings struct {
	// Authority is the base URL of Microsoft Entra ID, without the tenant; https.
	Authority string
	// GraphURL is the base URL of Microsoft Graph. Tokens are sent to its host alone.
	GraphURL string
	// Scope is what tokens are asked for, "https://graph.microsoft.com/.default"; on behalf of callers a permission by
	// name, or MSAL refuses an answer that has it so.
	Scope string
	// TenantID and ClientID name the app registration; a managed identity and passthrough need neither.
	TenantID, ClientID string
	Mode               Mode
	// Credential proves the application; passthrough needs none.
	Credential Credential
	// Audiences are those that callers' tokens may have to be exchanged; the client id, and "api://" and the client id, if
	// empty.
	Audiences []string
	// Delegated is how many callers' tokens are kept on behalf of them; 1,000 if 0.
	Delegated int
	// Identify writes into the header of a request to Microsoft Graph what it is found by; optional.
	Identify func(ctx context.Context, header http.Header)
	// Log hears of renewals that fail while the old token is still good; optional.
	Log *slog.Logger
}

// Source has the tokens. It is safe for concurrent use.
type Source struct {
	mode   Mode
	origin origin
	issuer issuer
	wallet *wallet
	// exchanges guards the exchange of callers' tokens.
	exchanges *exchanges
	identify  func(context.Context, http.Header) // nil if nobody does
}

// New returns a source, or all that is wrong with the settings, as far as it shows without a token request. Token
// requests go through client, nil for a plain one.
func New(settings Settings, client *http.Client) (*Source, error) {
	graph, err := url.Parse(settings.GraphURL)
	if err != nil || graph.Host == "" {
		return nil, errors.New("settings name no base URL of Microsoft Graph")
	}
	if client == nil {
		client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	}
	if settings.Log == nil {
		settings.Log = slog.New(slog.DiscardHandler)
	}
	if settings.Delegated <= 0 {
		settings.Delegated = 1000
	}
	issuer, err := settings.issuer(client)
	if err != nil {
		return nil, err
	}
	wallet, err := newWallet(settings.Delegated, settings.Log)
	if err != nil {
		return nil, err
	}
	exchanges, err := newExchanges(settings.Audiences, settings.ClientID, settings.TenantID)
	if err != nil {
		return nil, err
	}
	return &Source{
		mode: settings.Mode, origin: originOf(graph), issuer: issuer, wallet: wallet, exchanges: exchanges,
		identify: settings.Identify,
	}, nil
}

// origin is where tokens may go: scheme and host, with the port.
type origin struct{ scheme, host string }

func originOf(u *url.URL) origin { return origin{u.Scheme, u.Host} }

func (s Settings) issuer(client *http.Client) (issuer, error) {
	switch s.Mode {
	case Passthrough:
		return nil, nil
	case App, OnBehalfOf:
	default:
		return nil, fmt.Errorf("unknown mode %q", s.Mode)
	}
	if s.Credential.identity != nil {
		if s.Mode == OnBehalfOf {
			return nil, errors.New("a managed identity cannot act on behalf of callers")
		}
		return newMachine(s.Credential.identity, s.Scope, client)
	}
	if err := s.complete(); err != nil {
		return nil, err
	}
	e := &entra{
		authority: strings.TrimSuffix(s.Authority, "/") + "/" + url.PathEscape(s.TenantID),
		clientID:  s.ClientID,
		scopes:    []string{s.Scope},
		endpoint:  newEndpoint(client),
		log:       s.Log,
	}
	e.credential.Store(&s.Credential)
	_, err := e.client(&s.Credential) // as far as it shows without a token request
	return e, err
}

// complete returns all that is missing.
func (s Settings) complete() error {
	var missing []error
	for what, value := range map[string]string{
		"authority": s.Authority, "tenant id": s.TenantID, "client id": s.ClientID,
		"scope": s.Scope,
	} {
		if value == "" {
			missing = append(missing, errors.New("settings have no "+what))
		}
	}
	if s.Credential.confidential == nil {
		missing = append(missing, errors.New("settings have no credential"))
	}
	return errors.Join(missing...)
}

// Identity returns as whom Microsoft Graph is asked for ctx, as a key under which work may be shared: "app" for the
// application, else one to a caller's token, from which the token cannot be had, or "nobody" if the caller brought
// none.
func (s *Source) Identity(ctx context.Context) string {
	if s.mode == App {
		return "app"
	}
	if c := CallerOf(ctx); c.Token != "" {
		return c.Key
	}
	return "nobody"
}

// Unverified reports whether the identity of ctx is a token of which nobody but Microsoft Graph or Microsoft Entra ID
// can say whether it is good, and when that token expires by its own account: the zero time if it does not say.
func (s *Source) Unverified(ctx context.Context) (expires time.Time, unverified bool) {
	if s.mode == App {
		return time.Time{}, false
	}
	c := CallerOf(ctx)
	if c.Token != "" && !strings.HasPrefix(c.Key, tokenKey) {
		return time.Time{}, false
	}
	return expiry(c.Token), true
}

// Admit returns an [*Error] if a request with ctx cannot have a token because the caller brought none, and nil
// otherwise. It sends nothing.
func (s *Source) Admit(ctx context.Context) error {
	if s.mode == App {
		return nil
	}
	if CallerOf(ctx).Token != "" {
		return nil
	}
	whose := "a token for this service"
	if s.mode == Passthrough {
		whose = "a token for Microsoft Graph"
	}
	return &Error{Code: code.Unauthenticated, Message: "send the header Authorization: Bearer with " + whose}
}

// Credential reads another credential, and returns a function that has further token requests prove the application
// with it. Tokens in hand stay in use. Managed identities and passthrough have none to replace.
func (s *Source) Credential(c Credential) (use func(), err error) {
	e, ok := s.issuer.(*entra)
	if !ok {
		return func() {}, nil
	}
	if _, err := e.client(&c); err != nil {
		return nil, err
	}
	return func() { e.credential.Store(&c) }, nil
}

// Close ends the fetches that continue although no caller waits for them.
func (s *Source) Close() { s.wallet.end() }

// Ready reports whether the application can have a token, asking for one if none is in hand. Where tokens are the
// callers' it returns nil.
func (s *Source) Ready(ctx context.Context) error {
	if s.mode != App {
		return nil
	}
	_, err := s.token(ctx)
	return err
}

// token returns the token to send for ctx.
func (s *Source) token(ctx context.Context) (string, error) {
	if s.mode == App {
		return s.wallet.token(ctx, "app", s.issuer.application)
	}
	if err := s.Admit(ctx); err != nil {
		return "", err
	}
	c := CallerOf(ctx)
	if s.mode == Passthrough {
		return c.Token, nil
	}
	return s.wallet.token(ctx, s.walletKey(ctx), func(ctx context.Context, _ string) (grant, error) {
		var g grant
		err := s.exchanges.do(ctx, c, func(ctx context.Context) (err error) {
			g, err = s.issuer.onBehalfOf(ctx, c.Token)
			return err
		})
		return g.within(expiry(c.Token)), err
	})
}

// walletKey is what the token for ctx is kept under. On behalf of callers that is the caller's token, not the caller:
// one who signs in again to meet a claims challenge must get a token for the new proof.
func (s *Source) walletKey(ctx context.Context) string {
	if c := CallerOf(ctx); c.Token != "" && s.mode == OnBehalfOf {
		return TokenKey(c.Token)
	}
	return s.Identity(ctx)
}

// within ends a grant no later than end: what was given on behalf of a caller does not outlive the proof of the caller.
// A clock that is stepped back later does not prolong it.
func (g grant) within(end time.Time) grant {
	if !end.IsZero() && end.Before(g.expires) {
		now := time.Now()
		g.expires = now.Add(end.Sub(now))
	}
	return g
}

// expiry returns the end of a JWT's life as it says itself, or the zero time.
// Nothing is verified: Microsoft Entra ID has done that when it is used.
func expiry(token string) time.Time {
	claims, err := readClaims(token)
	if err != nil || claims.Exp <= 0 {
		return time.Time{}
	}
	return time.Unix(claims.Exp, 0)
}
