package config

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"portico/internal/loopback"
)

// consumerTenant is the tenant of personal Microsoft accounts: a member of it is anybody with an e-mail address.
const consumerTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

// graphAudiences are how tokens for Microsoft Graph name their audience. Such a token is not meant for Portico.
var graphAudiences = []string{
	"00000003-0000-0000-c000-000000000000", "https://graph.microsoft.com", "https://graph.microsoft.us",
	"https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn",
}

// algorithms are the signature algorithms that a key from a public key set can verify.
var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// checkCallers holds the settings of callers to each other and to the identity.
func (l *loader) checkCallers(c *Config) {
	l.oneOf("PORTICO_CALLERS", c.Callers, CallersNone, CallersEntra, CallersOIDC)
	l.oneOf("PORTICO_ENTRA_REQUIRE_IDTYP", string(c.Entra.RequireIDType), string(On), string(Off))
	switch c.Callers {
	case CallersEntra:
		l.checkEntra(c)
	case CallersOIDC:
		l.checkOIDC(c)
	}
	l.checkCallersIdentity(c)
	l.unusedCallers(c)
	l.checkAudit(c.AuditLog)
}

// checkAudit notes an audit log that could not be written; the file itself need not exist.
func (l *loader) checkAudit(name string) {
	if name == "" {
		return
	}
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		l.wrong("PORTICO_AUDIT_LOG", "must name a file in an existing directory")
	} else if info, err := os.Stat(name); err == nil && info.IsDir() {
		l.wrong("PORTICO_AUDIT_LOG", "must name a file, not a directory")
	}
}

// checkCallersIdentity refuses pairs in which the caller's token could not serve both Portico and Microsoft Graph.
func (l *loader) checkCallersIdentity(c *Config) {
	switch {
	case (c.Callers == CallersEntra || c.Callers == CallersOIDC) && c.Identity == IdentityPassthrough:
		l.wrong("PORTICO_CALLERS",
			"must be none with PORTICO_IDENTITY=passthrough: the callers' tokens are for Microsoft Graph, and only Microsoft "+
				"Graph can verify them")
	case c.Callers == CallersOIDC && c.Identity == IdentityOnBehalfOf:
		l.wrong("PORTICO_CALLERS",
			"must be entra with PORTICO_IDENTITY=obo: Microsoft Entra ID only exchanges tokens that it issued")
	}
}

func (l *loader) checkEntra(c *Config) {
	e := &c.Entra
	if len(e.Tenants) == 0 && !c.EmulatorInProcess() {
		l.wrong("PORTICO_ENTRA_TENANTS", "must list the tenant ids (GUIDs) whose tokens are accepted")
	}
	for i, tenant := range e.Tenants {
		e.Tenants[i] = strings.ToLower(tenant)
		l.checkTenant(e.Tenants[i])
	}
	l.checkAudiences(c)
	for _, version := range e.TokenVersions {
		l.oneOf("PORTICO_ENTRA_TOKEN_VERSIONS", version, "1", "2")
	}
	for i, client := range e.Clients {
		e.Clients[i] = strings.ToLower(client)
		if !clientPattern.MatchString(client) {
			l.wrong("PORTICO_ENTRA_CLIENTS", "must list client ids, which are GUIDs (got \""+client+"\")")
		}
	}
	if len(e.Scopes) == 0 && len(e.Roles) == 0 {
		l.wrong("PORTICO_ENTRA_SCOPES",
			"nobody may call: set this to the scopes that users need, PORTICO_ENTRA_ROLES to the app roles that applications "+
				"need, or both")
	}
	if c.Identity == IdentityOnBehalfOf && len(e.Scopes) == 0 {
		l.wrong("PORTICO_ENTRA_SCOPES", "must be set with PORTICO_IDENTITY=obo: only users' tokens can be exchanged")
	}
	if e.Authority != "" {
		l.checkBase("PORTICO_ENTRA_AUTHORITY", e.Authority)
		e.Authority = strings.TrimSuffix(e.Authority, "/")
	}
}

func (l *loader) checkTenant(tenant string) {
	switch {
	case tenant == consumerTenant:
		l.wrong("PORTICO_ENTRA_TENANTS",
			"must not list "+consumerTenant+", the tenant of personal Microsoft accounts: anybody can have one")
	case !clientPattern.MatchString(tenant):
		l.wrong("PORTICO_ENTRA_TENANTS", "must list tenant ids, which are GUIDs (got \""+tenant+"\"); there is no wildcard")
	}
}

// checkAudiences defaults to the two names that Entra ID gives to the app registration.
func (l *loader) checkAudiences(c *Config) {
	e := &c.Entra
	if len(e.Audiences) == 0 && c.ClientID != "" {
		e.Audiences = List{c.ClientID, "api://" + c.ClientID}
	}
	if len(e.Audiences) == 0 && !c.EmulatorInProcess() {
		l.wrong("PORTICO_ENTRA_AUDIENCES",
			"must list the audiences of callers' tokens: the client id of Portico's app registration, or api:// and the "+
				"client id")
	}
	for _, audience := range e.Audiences {
		if slices.Contains(graphAudiences, strings.ToLower(strings.TrimSuffix(audience, "/"))) {
			l.wrong("PORTICO_ENTRA_AUDIENCES",
				"must not list Microsoft Graph ("+audience+"): its tokens are not meant for Portico")
		}
	}
}

func (l *loader) checkOIDC(c *Config) {
	if c.OIDC.Issuer == "" {
		l.wrong("PORTICO_OIDC_ISSUER", "must be the issuer of callers' tokens, such as https://login.example.com/realms/main")
	} else {
		l.checkBase("PORTICO_OIDC_ISSUER", c.OIDC.Issuer)
	}
	if len(c.OIDC.Audiences) == 0 {
		l.wrong("PORTICO_OIDC_AUDIENCES", "must list the audiences of callers' tokens")
	}
	for _, algorithm := range c.OIDC.Algorithms {
		l.oneOf("PORTICO_OIDC_ALGORITHMS", algorithm, algorithms...)
	}
	if c.OIDC.ScopeClaim == "" {
		l.wrong("PORTICO_OIDC_SCOPE_CLAIM", "must be the name of a claim, such as scope")
	}
}

// checkBase holds a URL to which a path is appended, and from which keys are believed.
func (l *loader) checkBase(variable, text string) {
	base, err := url.Parse(text)
	switch {
	case err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		l.wrong(variable, "must be a plain URL such as https://login.example.com")
	case base.Scheme != "https" && (base.Scheme != "http" || !loopback.Is(base.Hostname())):
		l.wrong(variable, "must begin with https://; plain http is only allowed to loopback")
	}
}

// unusedCallers warns of settings for another way of authenticating callers than the one that is set.
func (l *loader) unusedCallers(c *Config) {
	var unused []string
	note := func(used bool, variable string, set bool) {
		if !used && set {
			unused = append(unused, variable)
		}
	}
	entra, oidc := c.Callers == CallersEntra, c.Callers == CallersOIDC
	note(entra, "PORTICO_ENTRA_TENANTS", len(c.Entra.Tenants) > 0)
	note(entra, "PORTICO_ENTRA_AUDIENCES", len(c.Entra.Audiences) > 0)
	note(entra, "PORTICO_ENTRA_SCOPES", len(c.Entra.Scopes) > 0)
	note(entra, "PORTICO_ENTRA_ROLES", len(c.Entra.Roles) > 0)
	note(entra, "PORTICO_ENTRA_CLIENTS", len(c.Entra.Clients) > 0)
	note(entra, "PORTICO_ENTRA_AUTHORITY", c.Entra.Authority != "")
	note(oidc, "PORTICO_OIDC_ISSUER", c.OIDC.Issuer != "")
	note(oidc, "PORTICO_OIDC_AUDIENCES", len(c.OIDC.Audiences) > 0)
	note(oidc, "PORTICO_OIDC_SCOPES", len(c.OIDC.Scopes) > 0)
	l.unused(unused, "PORTICO_CALLERS is "+c.Callers)
}
