package config

import "strings"

// Cloud is one of Microsoft's separate clouds: where Microsoft Graph and Microsoft Entra ID are, and what tokens are
// asked for. Tokens of one are not valid in another.
type Cloud struct {
	Name string
	// GraphURL is the base URL of Microsoft Graph with the version.
	GraphURL string
	// Authority is the base URL of Microsoft Entra ID, without a tenant.
	Authority string
	// Scope is what a token for Microsoft Graph is asked for: all that the application was granted, or on behalf of
	// callers the one permission by name.
	Scope string
	// ThreatIntelligence reports whether the threat-intelligence API exists there.
	ThreatIntelligence bool
}

// delegated returns the cloud with the scope to ask for on behalf of callers. MSAL holds an answer to the very scopes
// that it asked for, and ".default" is none.
func (c Cloud) delegated() Cloud {
	c.Scope = strings.TrimSuffix(c.Scope, ".default") + "ThreatIntelligence.Read.All"
	return c
}

// IssuerV1 returns the base URL of the issuer that access tokens of version 1 name; the tenant follows.
func (c Cloud) IssuerV1() string {
	if c.Name == chinaCloud {
		return "https://sts.chinacloudapi.cn"
	}
	return "https://sts.windows.net"
}

// IssuerV2 returns the base URL of the issuer that access tokens of version 2 name; the tenant follows. It is the
// authority, except in China, where the authority has a second host name.
func (c Cloud) IssuerV2() string {
	if c.Name == chinaCloud {
		return "https://login.partner.microsoftonline.cn"
	}
	return c.Authority
}

const (
	chinaCloud    = "china"
	emulatorCloud = "emulator"
)

// clouds is from the documentation of Microsoft Graph's national cloud deployments.
var clouds = []Cloud{
	{Name: emulatorCloud, Scope: "https://graph.microsoft.com/.default", ThreatIntelligence: true},
	deployment("global", "https://graph.microsoft.com", "https://login.microsoftonline.com", true),
	deployment("usgov", "https://graph.microsoft.us", "https://login.microsoftonline.us", false),
	deployment("usgov-dod", "https://dod-graph.microsoft.us", "https://login.microsoftonline.us", false),
	deployment(chinaCloud, "https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn", false),
}

func deployment(name, graph, authority string, serves bool) Cloud {
	return Cloud{
		Name: name, GraphURL: graph + "/v1.0", Authority: authority, Scope: graph + "/.default",
		ThreatIntelligence: serves,
	}
}

func cloudNamed(name string) (Cloud, bool) {
	for _, c := range clouds {
		if c.Name == name {
			return c, true
		}
	}
	return Cloud{}, false
}

func cloudNames() string {
	names := make([]string, len(clouds))
	for i, c := range clouds {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}
