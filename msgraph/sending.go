package msgraph

import "context"

// Sending says what an HTTP request to Microsoft Graph is for.
type Sending struct {
	// Path is relative to the version root, without a query.
	Path string
	// Items are the lookups in it: 1 for a plain GET.
	Items int
	// Attempt is 1 for what is sent for the first time. In a batch the item that was tried most often counts.
	Attempt int
	// Wave is the number that InWave gave, 0 without one.
	Wave int
}

type sendingKey struct{}

// sendingContext is a context that says what a request is for.
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

// SendingOf returns what the request of a context is for. It is not known for requests that are not Portico's lookups,
// such as those for tokens.
func SendingOf(ctx context.Context) (Sending, bool) {
	c, known := ctx.Value(sendingKey{}).(*sendingContext)
	if !known {
		return Sending{}, false
	}
	return c.sending, true
}
