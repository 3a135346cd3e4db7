package msgraph

import "context"

// Sending says what an HTTP request to Microsoft Graph is for.
type Sending struct {
	// Items are the lookups in it: 1 for a plain GET.
	Items int
	// Attempt is 1 for what is sent for the first time. In a batch the item that was tried most often counts.
	Attempt int
	// Wave is the number that InWave gave, 0 without one.
	Wave int
}

type sendingKey struct{}

// sendingContext is a context that says what a request is for: one object in place of two.
type sendingContext struct {
	context.Context
	sending Sending
}

// Value implements context.Context.
func (c *sendingContext) Value(key any) any {
	if key == (sendingKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// SendingOf returns what the request of a context is for. It is not known without WithSendings, nor for requests that
// are not Portico's lookups, such as those for tokens.
func SendingOf(ctx context.Context) (Sending, bool) {
	c, known := ctx.Value(sendingKey{}).(*sendingContext)
	if !known {
		return Sending{}, false
	}
	return c.sending, true
}

// describe returns a context for a request that sends items, after so many attempts.
func (f *fetch) describe(ctx context.Context, items, attempt int) context.Context {
	if !f.describes {
		return ctx
	}
	s := Sending{Items: items, Attempt: attempt}
	if f.trace != nil {
		s.Wave = f.trace.wave
	}
	return &sendingContext{ctx, s}
}

// attempt returns the attempt of the call that was tried most often.
func attempt(calls []call) (n int) {
	for _, one := range calls {
		n = max(n, one.tried+1)
	}
	return n
}
