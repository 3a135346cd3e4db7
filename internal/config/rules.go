package config

import (
	"net/url"
	"slices"
	"strings"

	"portico/internal/loopback"
)

// check holds the settings to the rules, and puts in what follows from them.
func (l *loader) check() {
	c := &l.config
	l.checkService(c)
	l.checkRanges()
	l.oneOf("PORTICO_IDENTITY", c.Identity, IdentityApp, IdentityOnBehalfOf, IdentityPassthrough)
	l.oneOf("PORTICO_MANAGED_IDENTITY", c.ManagedIdentity, "off", ManagedIdentitySystem, ManagedIdentityUser)
	l.checkCloud(c)
	l.checkCredentials(c)
	l.checkCallers(c)
	l.checkReach(c)
	l.checkDocuments(c)
	l.checkCache(c)
	l.checkTelemetry(c)
	if c.ShowCost == Auto {
		c.ShowCost = Off
		if c.CloudName == emulatorCloud {
			c.ShowCost = On
		}
	}
}

func (l *loader) checkService(c *Config) {
	if c.HostHints == Auto {
		l.wrong("PORTICO_HOST_HINTS", "must be on or off")
	}
	if c.EmulatorControl == Auto {
		l.wrong("PORTICO_EMULATOR_CONTROL", "must be on or off")
	}
	l.checkKeys(map[string]Secret{"PORTICO_CURSOR_KEY": c.CursorKey, "PORTICO_CURSOR_KEY_OLD": c.CursorKeyOld},
		"PORTICO_CURSOR_KEY", "it seals new cursors")
	l.oneOf("PORTICO_LOG_LEVEL", c.LogLevel, "debug", "info", "warn", "error")
	l.oneOf("PORTICO_LOG_FORMAT", c.LogFormat, "text", "json")
}

func (l *loader) checkCloud(c *Config) {
	cloud, found := cloudNamed(c.CloudName)
	if !found {
		l.wrong("PORTICO_CLOUD", "must be one of "+cloudNames())
		return
	}
	if c.GraphURL != "" {
		base, problem := checkGraphURL(c.GraphURL)
		if problem != "" {
			l.wrong("PORTICO_GRAPH_URL", problem)
			return
		}
		cloud.GraphURL = strings.TrimSuffix(c.GraphURL, "/")
		if cloud.Name == emulatorCloud {
			l.checkFarEmulator(c, base)
			cloud.Authority = "https://" + base.Host
		}
	}
	if c.Identity == IdentityOnBehalfOf {
		cloud = cloud.delegated()
	}
	c.Cloud = cloud
	if !cloud.ThreatIntelligence {
		l.warn("the threat-intelligence API exists in the global cloud only: in " + cloud.Name +
			" Microsoft Graph is expected to refuse every request")
	}
}

// checkFarEmulator refuses what an emulator in another process cannot do without TLS.
func (l *loader) checkFarEmulator(c *Config, base *url.URL) {
	if base.Scheme != "https" && c.Identity != IdentityPassthrough {
		l.wrong("PORTICO_GRAPH_URL",
			"must be an https URL of an emulator that also issues tokens; or set PORTICO_IDENTITY to passthrough")
	}
}

func checkGraphURL(text string) (base *url.URL, problem string) {
	base, err := url.Parse(text)
	switch {
	case err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, "must be a plain URL such as https://graph.microsoft.com/v1.0"
	case base.Scheme != "https" && base.Scheme != "http":
		return nil, "must begin with https://"
	case base.Scheme == "http" && !loopback.Is(base.Hostname()):
		return nil, "must begin with https://: tokens go there, and plain http is allowed for loopback only"
	case strings.Trim(base.Path, "/") == "":
		return nil, "must end with the version, /v1.0"
	}
	return base, ""
}

// checkCredentials holds the credentials to what the cloud and the identity need. The emulator in this process brings
// its own, and passthrough needs none.
func (l *loader) checkCredentials(c *Config) {
	given := credentials(c)
	switch {
	case l.noted("PORTICO_CLOUD"):
		return
	case c.EmulatorInProcess():
		l.unused(given, "the emulator in this process has its own credentials")
		return
	case c.Identity == IdentityPassthrough:
		l.unused(given, "passthrough does not use credentials")
		return
	case len(given) == 0:
		l.wrong("AZURE_CLIENT_SECRET",
			"no credential is set: set this one, AZURE_CLIENT_CERTIFICATE_PATH, "+
				"AZURE_FEDERATED_TOKEN_FILE or PORTICO_MANAGED_IDENTITY")
	case len(given) > 1:
		l.wrong(given[0], "more than one credential is set: keep one of "+strings.Join(given, ", "))
	}
	if !c.ClientCertificatePassword.IsZero() && c.ClientCertificate == "" {
		l.wrong("AZURE_CLIENT_CERTIFICATE_PASSWORD",
			"is set without a certificate: set AZURE_CLIENT_CERTIFICATE_PATH too, or remove this setting")
	}
	l.readable("AZURE_CLIENT_CERTIFICATE_PATH", c.ClientCertificate)
	l.readable("AZURE_FEDERATED_TOKEN_FILE", c.FederatedTokenFile)
	l.checkRegistration(c)
}

// credentials returns the variables of the credentials that are set.
func credentials(c *Config) []string {
	var given []string
	for _, one := range []struct {
		variable string
		set      bool
	}{
		{"AZURE_CLIENT_SECRET", !c.ClientSecret.IsZero()},
		{"AZURE_CLIENT_CERTIFICATE_PATH", c.ClientCertificate != ""},
		{"AZURE_FEDERATED_TOKEN_FILE", c.FederatedTokenFile != ""},
		{"PORTICO_MANAGED_IDENTITY", c.managed()},
	} {
		if one.set {
			given = append(given, one.variable)
		}
	}
	return given
}

func (c *Config) managed() bool {
	return c.ManagedIdentity == ManagedIdentitySystem || c.ManagedIdentity == ManagedIdentityUser
}

// checkRegistration holds tenant and client to what the credential needs.
func (l *loader) checkRegistration(c *Config) {
	if c.managed() && c.Identity == IdentityOnBehalfOf {
		l.wrong("PORTICO_MANAGED_IDENTITY",
			"cannot act on behalf of callers: use a secret, a certificate or a federated token, or set PORTICO_IDENTITY to app")
	}
	if !c.managed() && !tenantPattern.MatchString(c.TenantID) {
		l.wrong("AZURE_TENANT_ID", "must be the tenant's id or domain")
	} else if slices.Contains([]string{"common", "organizations", "consumers"}, strings.ToLower(c.TenantID)) {
		l.wrong("AZURE_TENANT_ID",
			"must be one tenant's id or domain, because an application has permissions in one tenant at a time")
	}
	needed := !c.managed() || c.ManagedIdentity == ManagedIdentityUser
	if needed && !clientPattern.MatchString(c.ClientID) {
		l.wrong("AZURE_CLIENT_ID", "must be the application (client) id, a GUID")
	}
}
