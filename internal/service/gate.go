package service

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"portico/graph"
	"portico/internal/callers"
	"portico/internal/config"
	"portico/internal/quota"
	"portico/internal/telemetry"
)

// newGate decides who may call, and starts to fetch the signing keys that this takes.
func newGate(
	cfg config.Config, up *upstream, observer callers.Observer, log *slog.Logger,
) (*callers.Gate, error) {
	options := callers.Options{
		PublicURL: cfg.PublicURL, Authority: up.authority, Refused: quota.NewMemory(cfg.Limits.RefusedTokens),
		Client: &http.Client{Transport: up.wire}, Observer: observer, Log: log,
	}
	switch cfg.Callers {
	case config.CallersEntra:
		options.Entra = entraCallers(cfg, up)
	case config.CallersOIDC:
		options.OIDC = &callers.OIDC{
			Issuer: cfg.OIDC.Issuer, Audiences: cfg.OIDC.Audiences, Scopes: cfg.OIDC.Scopes,
			Algorithms: cfg.OIDC.Algorithms, ScopeClaim: cfg.OIDC.ScopeClaim,
		}
	}
	return callers.New(options)
}

// entraCallers fills in what the embedded emulator only knows once it runs.
func entraCallers(cfg config.Config, up *upstream) *callers.Entra {
	e := &callers.Entra{
		Authority: up.authority, IssuerV1: cfg.Cloud.IssuerV1(), IssuerV2: up.issuerV2,
		Tenants: cfg.Entra.Tenants, Audiences: cfg.Entra.Audiences, Versions: cfg.Entra.TokenVersions,
		Scopes: cfg.Entra.Scopes, Roles: cfg.Entra.Roles, Clients: cfg.Entra.Clients,
		RequireIDType: cfg.Entra.RequireIDType.On(), UsersOnly: cfg.Identity == config.IdentityOnBehalfOf,
	}
	if cfg.Entra.Authority != "" {
		e.Authority, e.IssuerV2 = cfg.Entra.Authority, cfg.Entra.Authority
	}
	if up.emulator != nil && len(e.Tenants) == 0 {
		e.Tenants = []string{up.emulator.Tenant()}
	}
	if up.emulator != nil && len(e.Audiences) == 0 {
		e.Audiences = []string{up.emulator.ClientID(), "api://" + up.emulator.ClientID()}
	}
	return e
}

// quotaFor charges authenticated callers. Others have no quota: whoever may invent another token has as many as they
// like.
func quotaFor(cfg config.Config, store quota.Store) graph.Quota {
	if cfg.Callers == config.CallersNone {
		return nil
	}
	return func(ctx context.Context, items int, forced bool) (quota.State, bool) {
		caller, known := callers.Of(ctx)
		if !known {
			return quota.State{}, true
		}
		return store.Take(ctx, caller.Name(), items, forced)
	}
}

// openAudit opens the audit log, which only its owner may read, and returns nil if there is none.
func openAudit(cfg config.Config) (*os.File, error) {
	if cfg.AuditLog == "" {
		return nil, nil
	}
	file, err := os.OpenFile(cfg.AuditLog, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("PORTICO_AUDIT_LOG (--audit-log): %w", err)
	}
	return file, nil
}

func auditTo(file *os.File) *telemetry.Audit {
	if file == nil {
		return nil
	}
	return telemetry.NewAudit(file)
}
