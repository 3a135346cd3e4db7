package config

import "portico/internal/listen"

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
	if c.Introspection == string(Auto) {
		c.Introspection = c.defaultIntrospection()
	}
	l.oneOf("PORTICO_INTROSPECTION", c.Introspection, IntrospectionOn, IntrospectionCallers, IntrospectionOff)
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
