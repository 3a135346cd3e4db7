package loaders

import (
	"context"

	"portico/msgraph"
)

// Presence is what the responses for one path say about what is there.
type Presence int

const (
	// Unsaid means that nothing was requested, or that every request failed. An error proves nothing, and neither does
	// a body that cannot be read.
	Unsaid Presence = iota
	// Absent means that Microsoft Graph does not know it.
	Absent
	// Present means that one response at least says that Microsoft Graph knows it.
	Present
)

// Presence waits for the responses for a path of a list or of one entity, with whatever query, and reports what they
// say. It sends nothing. Where awaited, it also waits for lookups of the path that responses under way may lead to.
func (l *Loader) Presence(ctx context.Context, path string, list, awaited bool) Presence {
	said := Unsaid
	for _, c := range l.at(ctx, path, awaited) {
		if l.wait(ctx, c) != nil {
			continue
		}
		switch known, err := c.proof(list); {
		case known && err == nil:
			return Present
		case err == nil:
			said = Absent
		}
	}
	return said
}

// Exists reports whether Microsoft Graph knows what a lookup asks for. Like Get, it sends the lookup unless one that
// asks for as much is under way or finished, and it counts against the budget.
func (l *Loader) Exists(ctx context.Context, lookup msgraph.Lookup) (bool, error) {
	c, err := l.call(ctx, lookup)
	if err == nil {
		err = l.wait(ctx, c)
	}
	if err != nil {
		return false, err
	}
	return c.proof(false)
}

// at returns the calls for a path.
func (l *Loader) at(ctx context.Context, path string, awaited bool) []*call {
	for {
		l.mu.Lock()
		calls, gathering, soon := l.calls[path], l.gathering, l.gathered
		l.mu.Unlock()
		if len(calls) > 0 || !awaited || gathering == 0 {
			return calls
		}
		select {
		case <-soon:
		case <-ctx.Done():
			return nil
		}
	}
}
