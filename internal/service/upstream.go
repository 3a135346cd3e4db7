package service

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"

	"portico/emulator"
	"portico/internal/auth"
	"portico/internal/config"
	"portico/internal/telemetry"
	"portico/msgraph"
)

// upstream is the Microsoft Graph that is asked, and the tokens for it.
type upstream struct {
	url       string          // with the version
	authority string          // base URL of Microsoft Entra ID
	issuerV2  string          // base URL of the issuer of its tokens of version 2
	transport *http.Transport // what wire makes its transports like
	follower  *msgraph.Follower
	wire      http.RoundTripper // the follower, and what measures its requests
	tokens    *auth.Source
	emulator  *emulator.Emulator // nil for a real cloud
	server    *emulator.Server
}

// newUpstream starts the emulator in this process, if that is the cloud, and prepares tokens.
func newUpstream(
	cfg config.Config, in *telemetry.Instruments, log *slog.Logger, emulated []emulator.Option,
) (*upstream, error) {
	up := &upstream{
		url: cfg.Cloud.GraphURL, authority: cfg.Cloud.Authority, issuerV2: cfg.Cloud.IssuerV2(),
		transport: msgraph.NewTransport(),
	}
	settings := auth.Settings{
		Authority: cfg.Cloud.Authority, GraphURL: cfg.Cloud.GraphURL, Scope: cfg.Cloud.Scope,
		TenantID: cfg.TenantID, ClientID: cfg.ClientID, Audiences: cfg.Entra.Audiences, Mode: auth.Mode(cfg.Identity),
		Credential: credential(cfg), Identify: in.Identify(), Log: log,
	}
	if cfg.EmulatorInProcess() {
		if err := up.emulate(cfg, &settings, emulated); err != nil {
			return nil, err
		}
	}
	up.follower = msgraph.Follow(up.transport, nil)
	up.wire = in.Client(up.follower, outgoing(up.url))
	tokens, err := auth.New(settings, &http.Client{Transport: up.wire})
	if err != nil {
		up.close()
		return nil, fmt.Errorf("preparing tokens: %w", err)
	}
	up.tokens = tokens
	return up, nil
}

// emulate starts the emulator and points everything at it: it plays Microsoft Graph and Entra ID on one port.
func (u *upstream) emulate(cfg config.Config, settings *auth.Settings, opts []emulator.Option) error {
	u.emulator = emulator.New(append([]emulator.Option{
		emulator.WithWorld(cfg.EmulatorSize), emulator.WithLatency(cfg.EmulatorLatency),
		emulator.WithControl(cfg.EmulatorControl.On()),
	}, opts...)...)
	server, err := emulator.Start(u.emulator)
	if err != nil {
		return fmt.Errorf("starting the emulator: %w", err)
	}
	u.server = server
	u.transport.TLSClientConfig = &tls.Config{RootCAs: server.Pool, MinVersion: tls.VersionTLS12}
	u.url, u.authority, u.issuerV2 = server.URL+"/v1.0", server.URL, server.URL
	settings.GraphURL, settings.Authority = u.url, server.URL
	settings.TenantID, settings.ClientID = u.emulator.Tenant(), u.emulator.ClientID()
	settings.Credential = auth.ClientSecret(u.emulator.ClientSecret())
	return nil
}

func (u *upstream) close() {
	if u == nil {
		return
	}
	if u.tokens != nil {
		u.tokens.Close()
	}
	if u.follower != nil {
		u.follower.CloseIdleConnections()
	}
	if u.server != nil {
		_ = u.server.Close() // nothing of it is kept
	}
}

// credential is the one that the settings name; config has seen to it that there is one where one is needed.
func credential(cfg config.Config) auth.Credential {
	switch {
	case !cfg.ClientSecret.IsZero():
		return auth.ClientSecret(cfg.ClientSecret.Reveal())
	case cfg.ClientCertificate != "":
		return auth.Certificate(cfg.ClientCertificate, cfg.ClientCertificatePassword.Reveal())
	case cfg.FederatedTokenFile != "":
		return auth.FederatedToken(cfg.FederatedTokenFile)
	case cfg.ManagedIdentity == config.ManagedIdentityUser:
		return auth.ManagedIdentity(cfg.ClientID)
	case cfg.ManagedIdentity == config.ManagedIdentitySystem:
		return auth.ManagedIdentity("")
	}
	return auth.Credential{}
}
