// Package config reads the service's settings once, from flags and from the environment,
// and reports everything that is wrong with them at once.
//
// It knows the names, defaults, meanings and rules of the settings, and the national clouds as plain data. It does not
// know what the settings do. Only this package reads the environment, and it opens no connection.
package config

import (
	"time"

	"portico/graph/limits"
	"portico/internal/listen"
	"portico/internal/opentelemetry"
)

// Config holds all settings. The tags of a field give its flag, environment variable, default and meaning. Flags
// override environment variables; an empty variable counts as unset.
type Config struct {
	Listen          string        `group:"Service" variable:"PORTICO_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to serve on, or unix:PATH for a Unix socket. An address that is not loopback requires PORTICO_CALLERS, except for the emulator."`
	TLSCertificate  string        `name:"tls-certificate" group:"Service" variable:"PORTICO_TLS_CERTIFICATE" placeholder:"FILE" help:"PEM file with the TLS certificate and its chain. Portico reads it again when it changes. Unset: no TLS."`
	TLSKey          string        `name:"tls-key" group:"Service" variable:"PORTICO_TLS_KEY" placeholder:"FILE" help:"PEM file with the private key of the TLS certificate. Portico reads it again when it changes."`
	PublicURL       string        `name:"public-url" group:"Service" variable:"PORTICO_PUBLIC_URL" placeholder:"URL" help:"Base URL that callers use to reach Portico, such as https://portico.example.com. Its host is allowed, and authentication challenges and metadata contain it."`
	AllowedHosts    List          `group:"Service" variable:"PORTICO_ALLOWED_HOSTS" placeholder:"HOST,..." help:"Additional host names that requests may be sent to, comma separated. The public URL's host and loopback names are always allowed; other requests get 403."`
	AllowedOrigins  List          `group:"Service" variable:"PORTICO_ALLOWED_ORIGINS" placeholder:"ORIGIN,..." help:"Origins whose pages may call Portico from a browser (CORS), comma separated, such as https://app.example.com. No wildcards; plain http for loopback only. Unset: only Portico's own origin."`
	TrustedProxies  List          `group:"Service" variable:"PORTICO_TRUSTED_PROXIES" placeholder:"CIDR,..." help:"Proxies whose X-Forwarded-For, -Host and -Proto headers Portico trusts: addresses or CIDR ranges, or unix for peers on a Unix socket. It ignores these headers from all others."`
	AdminListen     string        `group:"Service" variable:"PORTICO_ADMIN_LISTEN" placeholder:"HOST:PORT" help:"Second address, HOST:PORT or unix:PATH, that serves /livez and /readyz and accepts any Host header, for health probes that use the pod's IP address. On loopback or a Unix socket it can also serve /debug/pprof. Unset: off."`
	Profiling       Switch        `group:"Service" variable:"PORTICO_PROFILING" default:"off" placeholder:"on|off" help:"Serve Go's profiles (pprof) at /debug/pprof on PORTICO_ADMIN_LISTEN, which must be a loopback address or a Unix socket, because it does not authenticate. A profile can show data of requests."`
	ShowCost        Switch        `group:"Service" variable:"PORTICO_SHOW_COST" default:"auto" placeholder:"on|off" help:"List each upstream request, with its start and duration, in extensions.upstream of the response; auto: on with the emulator, off otherwise."`
	HostHints       Switch        `group:"Service" variable:"PORTICO_HOST_HINTS" default:"on" placeholder:"on|off" help:"Fetch a host in parallel with a port (whose id contains the host) or with a list below the host, instead of after it."`
	CursorKey       Secret        `name:"cursor-key-file" group:"Service" variable:"PORTICO_CURSOR_KEY" placeholder:"FILE" help:"Key (32+ characters) that seals pagination cursors. Set the same key on all replicas; without it, cursors stop working on restart. The variable holds the key, the flag names a file."`
	CursorKeyOld    Secret        `name:"cursor-key-old-file" group:"Service" variable:"PORTICO_CURSOR_KEY_OLD" placeholder:"FILE" help:"Previous key (32+ characters). Portico still accepts cursors sealed with it, but seals new ones with PORTICO_CURSOR_KEY. The variable holds the key, the flag names a file."`
	DrainDelay      time.Duration `group:"Service" variable:"PORTICO_DRAIN_DELAY" default:"5s" least:"0s" most:"10m" placeholder:"DURATION" help:"How long Portico keeps serving after a stop signal. Meanwhile /readyz returns 503, so load balancers stop sending requests. On loopback and Unix sockets the default is 0s."`
	ShutdownTimeout time.Duration `group:"Service" variable:"PORTICO_SHUTDOWN_TIMEOUT" default:"20s" least:"0s" most:"10m" placeholder:"DURATION" help:"Time allowed for requests in progress to finish, after PORTICO_DRAIN_DELAY."`
	LogLevel        string        `group:"Service" variable:"PORTICO_LOG_LEVEL" default:"info" placeholder:"LEVEL" help:"Minimum log level: debug, info, warn or error."`
	LogFormat       string        `group:"Service" variable:"PORTICO_LOG_FORMAT" default:"text" placeholder:"text|json" help:"Log format: text or json."`

	CloudName string `name:"cloud" group:"Microsoft Graph" variable:"PORTICO_CLOUD" default:"emulator" placeholder:"CLOUD" help:"Cloud to use: emulator, global, usgov, usgov-dod or china. Sets the base URL, authority and scope. The threat-intelligence API exists in global only."`
	GraphURL  string `group:"Microsoft Graph" variable:"PORTICO_GRAPH_URL" placeholder:"URL" help:"Base URL of Microsoft Graph with the version, instead of the cloud's. Plain http only to loopback."`
	Identity  string `group:"Microsoft Graph" variable:"PORTICO_IDENTITY" default:"app" placeholder:"IDENTITY" help:"Identity used to call Microsoft Graph: app (the application itself), obo (on behalf of the caller) or passthrough (the caller's own bearer token)."`

	TenantID                  string `name:"tenant-id" group:"Credentials: exactly one" variable:"AZURE_TENANT_ID" placeholder:"ID" help:"Tenant, by id or domain."`
	ClientID                  string `name:"client-id" group:"Credentials: exactly one" variable:"AZURE_CLIENT_ID" placeholder:"ID" help:"Application (client) id of the app registration."`
	ClientSecret              Secret `name:"client-secret-file" group:"Credentials: exactly one" variable:"AZURE_CLIENT_SECRET" placeholder:"FILE" help:"Client secret. The variable holds the secret, the flag names a file."`
	ClientCertificate         string `name:"client-certificate" group:"Credentials: exactly one" variable:"AZURE_CLIENT_CERTIFICATE_PATH" placeholder:"FILE" help:"File with a certificate and its RSA key, PEM or PFX. Portico reads it again when it changes."`
	ClientCertificatePassword Secret `name:"client-certificate-password-file" group:"Credentials: exactly one" variable:"AZURE_CLIENT_CERTIFICATE_PASSWORD" placeholder:"FILE" help:"Password of the PFX file. The variable holds the password, the flag names a file."`
	FederatedTokenFile        string `name:"federated-token-file" group:"Credentials: exactly one" variable:"AZURE_FEDERATED_TOKEN_FILE" placeholder:"FILE" help:"File with another issuer's token (workload identity). Portico reads it for every token request."`
	ManagedIdentity           string `name:"managed-identity" group:"Credentials: exactly one" variable:"PORTICO_MANAGED_IDENTITY" default:"off" placeholder:"KIND" help:"Managed identity of the Azure machine: off, system, or user (the one with the client id)."`

	EmulatorSize    int           `group:"Emulator" variable:"PORTICO_EMULATOR_SIZE" default:"200" least:"0" most:"1000000" placeholder:"HOSTS" help:"Number of generated hosts in the emulator, in addition to the published examples."`
	EmulatorLatency time.Duration `group:"Emulator" variable:"PORTICO_EMULATOR_LATENCY" default:"0s" least:"0s" most:"1m" placeholder:"DURATION" help:"Delay before each response of the emulator."`
	EmulatorControl Switch        `group:"Emulator" variable:"PORTICO_EMULATOR_CONTROL" default:"off" placeholder:"on|off" help:"Serve the embedded emulator's control path /_emulator, which changes data and injects faults."`

	Callers  string `group:"Callers" variable:"PORTICO_CALLERS" default:"none" placeholder:"none|entra|oidc" help:"How callers are authenticated: none (not at all), entra (access tokens of Microsoft Entra ID) or oidc (access tokens of another OpenID Connect issuer)."`
	AuditLog string `group:"Callers" variable:"PORTICO_AUDIT_LOG" placeholder:"FILE" help:"File to write one JSON line per operation to: caller, document, entities, items and outcome. Unset: no audit log."`
	Entra    Entra  `embed:"" prefix:"entra-"`
	OIDC     OIDC   `embed:"" prefix:"oidc-"`

	Documents          string `group:"Documents" variable:"PORTICO_DOCUMENTS" placeholder:"FILE|DIR" help:"Trusted documents: Apollo's manifest, Relay's map, graphql-codegen's persisted documents or .graphql files, as one file or a directory of them. Portico reads them again when they change and on SIGHUP. Unset: none."`
	DocumentsMode      string `group:"Documents" variable:"PORTICO_DOCUMENTS_MODE" default:"auto" placeholder:"off|log|allow|require" help:"How Portico treats untrusted documents: off (the trusted ones are not used), log (execute and log them), allow (execute them; trusted ones skip the limits of documents) or require (refuse them). auto: log if PORTICO_DOCUMENTS is set, and off otherwise."`
	APQ                Switch `name:"apq" group:"Documents" variable:"PORTICO_APQ" default:"off" placeholder:"on|off" help:"Automatic persisted queries: keep the queries that a caller sends with their SHA-256, and execute them by the SHA-256 alone. Each caller has 64 KiB of its own, in this process. Not with PORTICO_DOCUMENTS_MODE=require."`
	Introspection      string `group:"Documents" variable:"PORTICO_INTROSPECTION" default:"auto" placeholder:"on|callers|off" help:"Who may read the schema, by introspection or _service: on (everybody), callers (authenticated callers) or off (nobody; validation errors then suggest no names either). auto: callers if others can reach Portico; on if not, or if the emulator runs without authentication."`
	Playground         Switch `group:"Documents" variable:"PORTICO_PLAYGROUND" default:"on" placeholder:"on|off" help:"Serve GraphiQL, the playground, at /."`
	PlaygroundClientID string `name:"playground-client-id" group:"Documents" variable:"PORTICO_PLAYGROUND_CLIENT_ID" placeholder:"ID" help:"Client id of the playground's own app registration, a single-page application: people then sign in with Microsoft Entra ID. Requires PORTICO_CALLERS=entra. The embedded emulator provides one."`

	CacheIn Store `name:"cache" group:"Cache" variable:"PORTICO_CACHE" default:"auto" placeholder:"memory|off|URL" help:"Where Portico stores what Microsoft Graph returned: memory (of this process), off (nowhere), or the URL of a Redis that replicas share, in addition to their memory: redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// for TLS, or unix:///PATH. auto: memory; off with the emulator, so that the playground shows what queries cost."`
	Cache   Cache `embed:"" prefix:"cache-"`

	Telemetry Telemetry `embed:""`

	Limits limits.Limits `embed:"" prefix:"limit-"`

	Version  bool `name:"version" help:"Print the version and exit."`
	Licenses bool `name:"licenses" help:"Print the licenses of all software in this program and exit."`

	// Cloud is the one that CloudName names, with GraphURL put in. Its URLs are empty for the emulator in this process,
	// which knows them when it has started.
	Cloud Cloud `kong:"-"`
	// Origins are AllowedOrigins in the form in which browsers send them.
	Origins listen.Origins `kong:"-"`
	// Warnings describe settings that are allowed but may surprise the operator.
	Warnings []string `kong:"-"`
}

// Entra says which access tokens of Microsoft Entra ID are accepted from callers.
type Entra struct {
	Tenants       List   `name:"tenants" group:"Callers" variable:"PORTICO_ENTRA_TENANTS" placeholder:"ID,..." help:"Tenants whose tokens are accepted, by tenant id (GUID), comma separated. Required with PORTICO_CALLERS=entra; there is no wildcard. The embedded emulator's tenant is the default with the emulator."`
	Audiences     List   `name:"audiences" group:"Callers" variable:"PORTICO_ENTRA_AUDIENCES" placeholder:"ID,..." help:"Audiences (aud) that tokens may have, comma separated: Portico's client id, and api://CLIENT-ID for version 1 tokens. Defaults to these two of AZURE_CLIENT_ID."`
	TokenVersions List   `name:"token-versions" group:"Callers" variable:"PORTICO_ENTRA_TOKEN_VERSIONS" default:"2" placeholder:"1,2" help:"Token versions (ver) that are accepted: 1, 2 or both. The manifest of Portico's app registration decides which one Entra ID issues (requestedAccessTokenVersion)."`
	Scopes        List   `name:"scopes" group:"Callers" variable:"PORTICO_ENTRA_SCOPES" placeholder:"NAME,..." help:"Scopes (scp) of which a user's token needs at least one, comma separated. Empty: users may not call."`
	Roles         List   `name:"roles" group:"Callers" variable:"PORTICO_ENTRA_ROLES" placeholder:"NAME,..." help:"App roles (roles) of which an application's token needs at least one, comma separated. Empty: applications may not call."`
	RequireIDType Switch `name:"require-idtyp" group:"Callers" variable:"PORTICO_ENTRA_REQUIRE_IDTYP" default:"on" placeholder:"on|off" help:"Accept an application's token only if it has the optional claim idtyp=app. Off: Portico also accepts a token whose subject is its object id and that was obtained with a client credential."`
	Clients       List   `name:"clients" group:"Callers" variable:"PORTICO_ENTRA_CLIENTS" placeholder:"ID,..." help:"Client ids (azp or appid) of the applications that may call, for users and for themselves, comma separated. Empty: any client."`
	Authority     string `name:"authority" group:"Callers" variable:"PORTICO_ENTRA_AUTHORITY" placeholder:"URL" help:"Base URL of Microsoft Entra ID, in place of the cloud's. Portico fetches callers' signing keys from it and expects it as the issuer of version 2 tokens. Plain http only to loopback."`
}

// OIDC says which access tokens of an OpenID Connect issuer are accepted from callers.
type OIDC struct {
	Issuer     string `name:"issuer" group:"Callers" variable:"PORTICO_OIDC_ISSUER" placeholder:"URL" help:"Issuer of callers' tokens, exactly as in their iss claim. Its discovery document names the signing keys. Plain http only to loopback."`
	Audiences  List   `name:"audiences" group:"Callers" variable:"PORTICO_OIDC_AUDIENCES" placeholder:"NAME,..." help:"Audiences (aud) that tokens may have, comma separated. Required with PORTICO_CALLERS=oidc."`
	Algorithms List   `name:"algorithms" group:"Callers" variable:"PORTICO_OIDC_ALGORITHMS" default:"RS256" placeholder:"ALG,..." help:"Signature algorithms that are accepted, comma separated: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA."`
	ScopeClaim string `name:"scope-claim" group:"Callers" variable:"PORTICO_OIDC_SCOPE_CLAIM" default:"scope" placeholder:"NAME" help:"Claim that holds a token's scopes, as a space-separated string or a list. A dot leads into an object, as in realm_access.roles."`
	Scopes     List   `name:"scopes" group:"Callers" variable:"PORTICO_OIDC_SCOPES" placeholder:"NAME,..." help:"Scopes of which a token needs at least one, comma separated. Empty: any token for the audience is accepted, which includes ID tokens if the audience is a client id."`
}

// Telemetry says which traces and metrics go where. The variables are OpenTelemetry's own where there is one.
type Telemetry struct {
	MetricsListen      string `name:"metrics-listen" group:"Telemetry" variable:"PORTICO_METRICS_LISTEN" placeholder:"HOST:PORT" help:"Address, HOST:PORT or unix:PATH, that serves /metrics for Prometheus, and nothing else. It does not authenticate. Unset: off."`
	TrustTraceFlag     Switch `name:"trust-trace-flag" group:"Telemetry" variable:"PORTICO_TRUST_TRACE_FLAG" default:"off" placeholder:"on|off" help:"Record each request whose traceparent says that its caller recorded it, as the parentbased samplers do elsewhere. Off: OTEL_TRACES_SAMPLER decides, and callers can only prevent recording."`
	Disabled           Switch `name:"otel-sdk-disabled" group:"Telemetry" variable:"OTEL_SDK_DISABLED" default:"off" placeholder:"true|false" help:"Send nothing by OTLP, whatever the other variables say. PORTICO_METRICS_LISTEN still works."`
	ServiceName        string `name:"otel-service-name" group:"Telemetry" variable:"OTEL_SERVICE_NAME" placeholder:"NAME" help:"Name of this service in traces and metrics. Unset: service.name of OTEL_RESOURCE_ATTRIBUTES, or portico."`
	ResourceAttributes List   `name:"otel-resource-attributes" group:"Telemetry" variable:"OTEL_RESOURCE_ATTRIBUTES" placeholder:"KEY=VALUE,..." help:"Attributes of this process in traces and metrics, comma separated, with percent-encoded values."`
	Endpoint           string `name:"otel-exporter-otlp-endpoint" group:"Telemetry" variable:"OTEL_EXPORTER_OTLP_ENDPOINT" placeholder:"URL" help:"Collector that gets traces and metrics by OTLP over HTTP, such as http://127.0.0.1:4318; /v1/traces and /v1/metrics are appended. Unset: nothing is sent."`
	TracesEndpoint     string `name:"otel-exporter-otlp-traces-endpoint" group:"Telemetry" variable:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" placeholder:"URL" help:"Whole URL that gets the traces, in place of OTEL_EXPORTER_OTLP_ENDPOINT."`
	MetricsEndpoint    string `name:"otel-exporter-otlp-metrics-endpoint" group:"Telemetry" variable:"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT" placeholder:"URL" help:"Whole URL that gets the metrics, in place of OTEL_EXPORTER_OTLP_ENDPOINT."`
	Headers            Secret `name:"otel-exporter-otlp-headers-file" group:"Telemetry" variable:"OTEL_EXPORTER_OTLP_HEADERS" placeholder:"FILE" help:"Headers for the collector, as KEY=VALUE,... with percent-encoded values. The variable holds the headers, the flag names a file."`
	TracesExporter     string `name:"otel-traces-exporter" group:"Telemetry" variable:"OTEL_TRACES_EXPORTER" default:"auto" placeholder:"otlp|none" help:"Exporter of traces: otlp or none; auto: otlp if there is an endpoint."`
	MetricsExporter    string `name:"otel-metrics-exporter" group:"Telemetry" variable:"OTEL_METRICS_EXPORTER" default:"auto" placeholder:"otlp|none" help:"Exporter of metrics: otlp or none; auto: otlp if there is an endpoint. For Prometheus, set PORTICO_METRICS_LISTEN."`
	Sampler            string `name:"otel-traces-sampler" group:"Telemetry" variable:"OTEL_TRACES_SAMPLER" default:"parentbased_always_on" placeholder:"NAME" help:"Which traces are recorded: always_on, always_off or traceidratio, each also with the prefix parentbased_, which does not record what the caller says is not recorded."`
	SamplerArg         string `name:"otel-traces-sampler-arg" group:"Telemetry" variable:"OTEL_TRACES_SAMPLER_ARG" placeholder:"RATIO" help:"Share of the traces that traceidratio records, from 0 to 1. Unset: 1."`

	// Export is what follows from the above, without the program's version and the log.
	Export opentelemetry.Options `kong:"-"`
}

// The values of Callers.
const (
	CallersNone  = "none"
	CallersEntra = "entra"
	CallersOIDC  = "oidc"
)

// The values of DocumentsMode. Auto is decided by the time that [Load] returns.
const (
	DocumentsOff     = "off"
	DocumentsLog     = "log"
	DocumentsAllow   = "allow"
	DocumentsRequire = "require"
)

// The values of Introspection. Auto is decided by the time that [Load] returns.
const (
	IntrospectionOn      = "on"
	IntrospectionCallers = "callers"
	IntrospectionOff     = "off"
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

// Introspects reports whether those who can send operations may read the schema. With callers, everybody who can send
// one is authenticated.
func (c Config) Introspects() bool {
	return c.Introspection == IntrospectionOn || c.Introspection == IntrospectionCallers && c.Callers != CallersNone
}

// Emulated reports whether an emulator, in this process or another, stands in for Microsoft Graph.
func (c Config) Emulated() bool { return c.CloudName == emulatorCloud }

// EmulatorInProcess reports whether the service brings its own Microsoft Graph: the cloud is the emulator and no URL
// names another place for it.
func (c Config) EmulatorInProcess() bool {
	return c.CloudName == emulatorCloud && c.GraphURL == ""
}
