// Package config reads the service's settings, from flags and from the environment,
// once, and says everything that is wrong with them at once.
//
// It knows the names, defaults, meanings and rules of the settings, and the national
// clouds as plain data. It does not know what the settings do: no package reads the
// environment but this one, and this one opens no connection.
package config

import (
	"time"

	"portico/graph/limits"
)

// Config is all that can be set. Each field says its one flag, its one environment
// variable, its default and its meaning; the flag wins over the variable, and an
// empty variable is as good as none.
type Config struct {
	Listen          string        `group:"Service" variable:"PORTICO_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to serve on, or unix:PATH for a Unix socket. An address that is not loopback requires PORTICO_CALLERS, except for the emulator."`
	TLSCertificate  string        `name:"tls-certificate" group:"Service" variable:"PORTICO_TLS_CERTIFICATE" placeholder:"FILE" help:"PEM file with the TLS certificate and its chain; read again when it changes. Empty: no TLS."`
	TLSKey          string        `name:"tls-key" group:"Service" variable:"PORTICO_TLS_KEY" placeholder:"FILE" help:"PEM file with the private key of the TLS certificate; read again when it changes."`
	PublicURL       string        `name:"public-url" group:"Service" variable:"PORTICO_PUBLIC_URL" placeholder:"URL" help:"Base URL under which callers reach Portico, such as https://portico.example.com. Its host is allowed, and challenges and metadata name it."`
	AllowedHosts    List          `group:"Service" variable:"PORTICO_ALLOWED_HOSTS" placeholder:"HOST,..." help:"Host names that requests may be for beside the public URL's and this machine's loopback names, comma separated. Others get 403."`
	TrustedProxies  List          `group:"Service" variable:"PORTICO_TRUSTED_PROXIES" placeholder:"CIDR,..." help:"Proxies whose X-Forwarded-For, -Host and -Proto are believed, by address or range, or unix for peers on a Unix socket. Others' are ignored."`
	AdminListen     string        `group:"Service" variable:"PORTICO_ADMIN_LISTEN" placeholder:"HOST:PORT" help:"Second address, for /livez and /readyz only, where any Host is allowed: for probes by a pod's own address. Empty: off."`
	ShowCost        Switch        `group:"Service" variable:"PORTICO_SHOW_COST" default:"auto" placeholder:"on|off" help:"Whether extensions.upstream of an answer lists the requests that it cost; auto is on with the emulator, else off."`
	HostHints       Switch        `group:"Service" variable:"PORTICO_HOST_HINTS" default:"on" placeholder:"on|off" help:"Whether the host that a hostPort's id tells is fetched beside the port, before the port's answer is there."`
	CursorKey       Secret        `name:"cursor-key-file" group:"Service" variable:"PORTICO_CURSOR_KEY" placeholder:"FILE" help:"A key of 32 characters or more that makes cursors of lists good for all processes that have it: the variable holds it, the flag names a file that does. Without one, cursors end with the process."`
	ShutdownTimeout time.Duration `group:"Service" variable:"PORTICO_SHUTDOWN_TIMEOUT" default:"20s" least:"0s" most:"10m" placeholder:"DURATION" help:"How long running requests may take to end after a signal to stop."`
	LogLevel        string        `group:"Service" variable:"PORTICO_LOG_LEVEL" default:"info" placeholder:"LEVEL" help:"The least that is logged: debug, info, warn or error."`
	LogFormat       string        `group:"Service" variable:"PORTICO_LOG_FORMAT" default:"text" placeholder:"text|json" help:"How log lines are written."`

	CloudName string `name:"cloud" group:"Microsoft Graph" variable:"PORTICO_CLOUD" default:"emulator" placeholder:"CLOUD" help:"Which cloud to ask, its base URL, authority and scope together: emulator, global, usgov, usgov-dod or china. The threat-intelligence API exists in global only."`
	GraphURL  string `group:"Microsoft Graph" variable:"PORTICO_GRAPH_URL" placeholder:"URL" help:"Base URL of Microsoft Graph with the version, in place of the cloud's; plain http only to loopback."`
	Identity  string `group:"Microsoft Graph" variable:"PORTICO_IDENTITY" default:"app" placeholder:"IDENTITY" help:"As whom Microsoft Graph is asked: app (the application itself), obo (on behalf of the caller) or passthrough (with the caller's own bearer token)."`

	TenantID                  string `name:"tenant-id" group:"Credentials: exactly one" variable:"AZURE_TENANT_ID" placeholder:"ID" help:"The tenant, by id or domain."`
	ClientID                  string `name:"client-id" group:"Credentials: exactly one" variable:"AZURE_CLIENT_ID" placeholder:"ID" help:"The app registration, by its application (client) id."`
	ClientSecret              Secret `name:"client-secret-file" group:"Credentials: exactly one" variable:"AZURE_CLIENT_SECRET" placeholder:"FILE" help:"A client secret: the variable holds it, the flag names a file that does."`
	ClientCertificate         string `name:"client-certificate" group:"Credentials: exactly one" variable:"AZURE_CLIENT_CERTIFICATE_PATH" placeholder:"FILE" help:"A certificate with its RSA key, PEM or PFX; read again when it changes."`
	ClientCertificatePassword Secret `name:"client-certificate-password-file" group:"Credentials: exactly one" variable:"AZURE_CLIENT_CERTIFICATE_PASSWORD" placeholder:"FILE" help:"The password of the PFX file: the variable holds it, the flag names a file that does."`
	FederatedTokenFile        string `name:"federated-token-file" group:"Credentials: exactly one" variable:"AZURE_FEDERATED_TOKEN_FILE" placeholder:"FILE" help:"A token of another issuer (workload identity), read for every token request."`
	ManagedIdentity           string `name:"managed-identity" group:"Credentials: exactly one" variable:"PORTICO_MANAGED_IDENTITY" default:"off" placeholder:"KIND" help:"A managed identity of Azure: off, system, or user for the one that the client id names."`

	EmulatorSize    int           `group:"Emulator" variable:"PORTICO_EMULATOR_SIZE" default:"200" least:"0" most:"1000000" placeholder:"HOSTS" help:"How many hosts the emulator's generated world has, beside the published examples."`
	EmulatorLatency time.Duration `group:"Emulator" variable:"PORTICO_EMULATOR_LATENCY" default:"0s" least:"0s" most:"1m" placeholder:"DURATION" help:"How long the emulator waits before it answers."`
	EmulatorControl Switch        `group:"Emulator" variable:"PORTICO_EMULATOR_CONTROL" default:"off" placeholder:"on|off" help:"Serve the control path /_emulator of the embedded emulator, which changes its data and injects faults."`

	Callers  string `group:"Callers" variable:"PORTICO_CALLERS" default:"none" placeholder:"none|entra|oidc" help:"How callers are authenticated: none (not at all), entra (access tokens of Microsoft Entra ID) or oidc (access tokens of another OpenID Connect issuer)."`
	AuditLog string `group:"Callers" variable:"PORTICO_AUDIT_LOG" placeholder:"FILE" help:"File that gets one JSON line for each operation: caller, document, entities, items and outcome. Empty: no audit log."`
	Entra    Entra  `embed:"" prefix:"entra-"`
	OIDC     OIDC   `embed:"" prefix:"oidc-"`

	Limits limits.Limits `embed:"" prefix:"limit-"`

	Version bool `name:"version" help:"Print the version and exit."`

	// Cloud is the one that CloudName names, with GraphURL put in. Its URLs are empty
	// for the emulator in this process, which knows them when it has started.
	Cloud Cloud `kong:"-"`
	// Warnings say what is allowed but will surprise.
	Warnings []string `kong:"-"`
}

// Entra says which access tokens of Microsoft Entra ID are accepted from callers.
type Entra struct {
	Tenants       List   `name:"tenants" group:"Callers" variable:"PORTICO_ENTRA_TENANTS" placeholder:"ID,..." help:"Tenants whose tokens are accepted, by tenant id (GUID), comma separated. Required with PORTICO_CALLERS=entra; there is no wildcard. The embedded emulator's tenant is the default with the emulator."`
	Audiences     List   `name:"audiences" group:"Callers" variable:"PORTICO_ENTRA_AUDIENCES" placeholder:"ID,..." help:"Audiences (aud) that tokens may have, comma separated: Portico's client id, and api://CLIENT-ID for version 1 tokens. Defaults to these two of AZURE_CLIENT_ID."`
	TokenVersions List   `name:"token-versions" group:"Callers" variable:"PORTICO_ENTRA_TOKEN_VERSIONS" default:"2" placeholder:"1,2" help:"Token versions (ver) that are accepted: 1, 2 or both. The manifest of Portico's app registration decides which one Entra ID issues (requestedAccessTokenVersion)."`
	Scopes        List   `name:"scopes" group:"Callers" variable:"PORTICO_ENTRA_SCOPES" placeholder:"NAME,..." help:"Scopes (scp) of which a user's token needs at least one, comma separated. Empty: users may not call."`
	Roles         List   `name:"roles" group:"Callers" variable:"PORTICO_ENTRA_ROLES" placeholder:"NAME,..." help:"App roles (roles) of which an application's token needs at least one, comma separated. Empty: applications may not call."`
	RequireIDType Switch `name:"require-idtyp" group:"Callers" variable:"PORTICO_ENTRA_REQUIRE_IDTYP" default:"on" placeholder:"on|off" help:"Accept an application's token only if it has the optional claim idtyp=app. Off: an application is also recognized by its object id as subject and its client credential."`
	Clients       List   `name:"clients" group:"Callers" variable:"PORTICO_ENTRA_CLIENTS" placeholder:"ID,..." help:"Client ids (azp or appid) of the applications that may call, for users and for themselves, comma separated. Empty: any client."`
	Authority     string `name:"authority" group:"Callers" variable:"PORTICO_ENTRA_AUTHORITY" placeholder:"URL" help:"Base URL of Microsoft Entra ID, in place of the cloud's: where callers' signing keys are fetched and who issues version 2 tokens. Plain http only to loopback."`
}

// OIDC says which access tokens of an OpenID Connect issuer are accepted from callers.
type OIDC struct {
	Issuer     string `name:"issuer" group:"Callers" variable:"PORTICO_OIDC_ISSUER" placeholder:"URL" help:"Issuer of callers' tokens, exactly as in their iss claim. Its discovery document names the signing keys. Plain http only to loopback."`
	Audiences  List   `name:"audiences" group:"Callers" variable:"PORTICO_OIDC_AUDIENCES" placeholder:"NAME,..." help:"Audiences (aud) that tokens may have, comma separated. Required with PORTICO_CALLERS=oidc."`
	Algorithms List   `name:"algorithms" group:"Callers" variable:"PORTICO_OIDC_ALGORITHMS" default:"RS256" placeholder:"ALG,..." help:"Signature algorithms that are accepted, comma separated: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA."`
	ScopeClaim string `name:"scope-claim" group:"Callers" variable:"PORTICO_OIDC_SCOPE_CLAIM" default:"scope" placeholder:"NAME" help:"Claim that holds a token's scopes, as a space-separated string or a list. A dot leads into an object, as in realm_access.roles."`
	Scopes     List   `name:"scopes" group:"Callers" variable:"PORTICO_OIDC_SCOPES" placeholder:"NAME,..." help:"Scopes of which a token needs at least one, comma separated. Empty: any token for the audience is accepted, which includes ID tokens if the audience is a client id."`
}

// The values of Callers.
const (
	CallersNone  = "none"
	CallersEntra = "entra"
	CallersOIDC  = "oidc"
)

// The values of Identity.
const (
	IdentityApp         = "app"
	IdentityOnBehalfOf  = "obo"
	IdentityPassthrough = "passthrough"
)

// The values of ManagedIdentity that mean one.
const (
	ManagedIdentitySystem = "system"
	ManagedIdentityUser   = "user"
)

// Emulated reports whether an emulator, in this process or another, stands in for Microsoft Graph.
func (c Config) Emulated() bool { return c.CloudName == emulatorCloud }

// EmulatorInProcess reports whether the service brings its own Microsoft Graph: the
// cloud is the emulator and no URL names another place for it.
func (c Config) EmulatorInProcess() bool {
	return c.CloudName == emulatorCloud && c.GraphURL == ""
}
