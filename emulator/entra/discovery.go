package entra

import "strings"

// IsTenant reports whether a segment of a URL names the tenant.
func (d *Directory) IsTenant(name string) bool {
	return strings.EqualFold(name, d.tenant) || name == "common" || name == "organizations"
}

// UnknownTenant is the error for a URL with the name of another tenant.
func UnknownTenant(name string) *Error {
	return invalidRequest(90002, "Tenant '"+name+"' not found. Check to make sure you have the correct tenant ID and are "+
		"signing into the correct cloud.")
}

// InstanceDiscovery returns the document that tells a client library which hosts it may trust.
func (d *Directory) InstanceDiscovery(at Origin) map[string]any {
	return map[string]any{
		"tenant_discovery_endpoint": at.String() + "/" + d.tenant + "/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata": []map[string]any{{
			"preferred_network": at.Host, "preferred_cache": at.Host, "aliases": []string{at.Host},
		}},
	}
}

// OpenIDConfiguration returns the discovery document of the tenant.
// https://openid.net/specs/openid-connect-discovery-1_0.html
func (d *Directory) OpenIDConfiguration(at Origin) map[string]any {
	base := at.String() + "/" + d.tenant
	return map[string]any{
		"issuer":                                base + "/v2.0",
		"authorization_endpoint":                base + "/oauth2/v2.0/authorize",
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"end_session_endpoint":                  base + "/oauth2/v2.0/logout",
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"response_modes_supported":              []string{"query", "fragment"},
		"code_challenge_methods_supported":      []string{"S256"},
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
	}
}
