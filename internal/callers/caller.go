package callers

import (
	"context"
	"time"
)

// A Caller is who sent a request, as the verified token says.
type Caller struct {
	// Issuer is the tenant id, or the issuer of OpenID Connect.
	Issuer string
	// ID is the object id of a user, the client id of an application, or the subject.
	ID string
	// Application is set if the token is an application's own.
	Application bool
	// Challenges is set if the caller's client announces that it can answer a claims challenge (cp1).
	Challenges bool

	name    string // see Name
	expires time.Time
}

// Name returns the name under which the caller is logged, counted and told apart from others. It holds no name or
// e-mail address of a person.
func (c Caller) Name() string { return c.name }

// named returns the caller with its name, which is made once for each token.
func (c Caller) named() Caller {
	c.name = "user:" + c.Issuer + "/" + c.ID
	if c.Application {
		c.name = "app:" + c.Issuer + "/" + c.ID
	}
	return c
}

type contextKey struct{}

// Of returns the verified caller of a request; false if callers are not authenticated.
func Of(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(contextKey{}).(*Caller)
	if !ok {
		return Caller{}, false
	}
	return *c, true
}
