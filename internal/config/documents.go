package config

import (
	"slices"
	"strings"

	"portico/internal/listen"
)

// checkDocuments holds the settings about documents and the schema to the rules, and decides those that are auto.
func (l *loader) checkDocuments(c *Config) {
	if c.DocumentsMode == string(Auto) {
		c.DocumentsMode = DocumentsOff
		if c.Documents != "" {
			c.DocumentsMode = DocumentsLog
		}
	}
	l.oneOf("PORTICO_DOCUMENTS_MODE", c.DocumentsMode, DocumentsOff, DocumentsLog, DocumentsAllow, DocumentsRequire)
	l.readable("PORTICO_DOCUMENTS", c.Documents)
	switch {
	case c.Documents == "" && c.DocumentsMode != DocumentsOff:
		l.wrong("PORTICO_DOCUMENTS", "must name the trusted documents, because PORTICO_DOCUMENTS_MODE is "+c.DocumentsMode)
	case c.Documents != "" && c.DocumentsMode == DocumentsOff:
		l.unused([]string{"PORTICO_DOCUMENTS"}, "PORTICO_DOCUMENTS_MODE is off")
	}
	if c.APQ == Auto {
		l.wrong("PORTICO_APQ", "must be on or off")
	}
	if c.APQ.On() && c.DocumentsMode == DocumentsRequire {
		l.wrong("PORTICO_APQ", "must be off with PORTICO_DOCUMENTS_MODE=require, which executes only trusted documents")
	}
	if c.Playground == Auto {
		l.wrong("PORTICO_PLAYGROUND", "must be on or off")
	}
	l.checkSignIn(c)
	if c.Introspection == string(Auto) {
		c.Introspection = c.defaultIntrospection()
	}
	l.oneOf("PORTICO_INTROSPECTION", c.Introspection, IntrospectionOn, IntrospectionCallers, IntrospectionOff)
}

// checkSignIn holds the page's sign-in to what it needs.
func (l *loader) checkSignIn(c *Config) {
	const variable = "PORTICO_PLAYGROUND_CLIENT_ID"
	isPage := func(id string) bool { return strings.EqualFold(id, c.PlaygroundClientID) }
	switch {
	case c.PlaygroundClientID == "":
	case !clientPattern.MatchString(c.PlaygroundClientID):
		l.wrong(variable, "must be an application (client) id, a GUID")
	case c.Callers != CallersEntra:
		l.wrong(variable, "requires PORTICO_CALLERS=entra, because people sign in with Microsoft Entra ID")
	case len(c.Entra.Scopes) == 0:
		l.wrong(variable, "requires PORTICO_ENTRA_SCOPES, because the page requests a token with a scope")
	case len(c.Entra.Clients) > 0 && !slices.ContainsFunc(c.Entra.Clients, isPage):
		l.wrong(variable, "must be in PORTICO_ENTRA_CLIENTS too, or the page's tokens are refused")
	case !c.Playground.On():
		l.unused([]string{variable}, "PORTICO_PLAYGROUND is off")
	}
}

// defaultIntrospection keeps the schema from strangers, except where all data is invented and a stranger may query it
// anyway.
func (c *Config) defaultIntrospection() string {
	if c.reachable() && (!c.Emulated() || c.Callers != CallersNone) {
		return IntrospectionCallers
	}
	return IntrospectionOn
}

// reachable reports whether others than the users of this machine can reach Portico: by its address, or through a
// proxy.
func (c *Config) reachable() bool {
	_, isUnix := listen.UnixSocket(c.Listen)
	behindProxy := c.PublicURL != "" || len(c.AllowedHosts) > 0 || len(c.TrustedProxies) > 0
	return behindProxy || !isUnix && !isLoopback(c.Listen)
}
