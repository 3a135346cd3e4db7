package loaders

import (
	"context"
	"iter"
	"slices"

	"portico/msgraph"
)

// Presence waits for the responses for the path of an entity, with whatever query, and reports what they say. It sends
// nothing. It also waits for lookups that responses under way may lead to.
func (l *Loader) Presence(ctx context.Context, path string) Presence {
	l.awaitAll(ctx)
	l.mu.Lock()
	all := slices.Collect(l.callsFor(path))
	l.mu.Unlock()
	said := Unsaid
	for _, c := range all {
		if l.wait(ctx, c) == nil {
			said = max(said, c.says(false))
		}
	}
	return said
}

// Below is Presence for all paths below that of an entity. It calls yield with what each response says, and whether it
// is that of a list.
func (l *Loader) Below(ctx context.Context, path string, yield func(list bool, said Presence)) {
	l.awaitAll(ctx)
	for c, list := range l.below(path) {
		if l.wait(ctx, c) == nil {
			yield(list, c.says(list))
		}
	}
}

// awaitAll waits until all lookups are under way that responses lead to.
func (l *Loader) awaitAll(ctx context.Context) {
	l.release(ctx)
	for ctx.Err() == nil {
		l.mu.Lock()
		gathering, soon := l.gathering-l.rare, l.gathered
		l.mu.Unlock()
		if gathering == 0 {
			return
		}
		select {
		case <-soon:
		case <-ctx.Done():
		}
	}
}

// callsFor yields the calls for a path. The loader is locked.
func (l *Loader) callsFor(path string) iter.Seq[*call] {
	return func(yield func(*call) bool) {
		for c := l.calls[path]; c != nil && yield(c); c = c.next {
		}
	}
}

// below returns the calls for the paths below one, and which are for lists.
func (l *Loader) below(path string) map[*call]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := map[*call]bool{}
	for _, at := range l.tree.below(path, l.paths) {
		for c := range l.callsFor(at) {
			all[c] = c.list
		}
	}
	return all
}

// Exists reports whether Microsoft Graph knows what a lookup asks for. Like Get, it sends the lookup unless one that
// asks for as much is under way or finished, and it counts against the budget.
func (l *Loader) Exists(ctx context.Context, lookup msgraph.Lookup) (bool, error) {
	c, err := l.await(ctx, lookup)
	if err != nil {
		return false, err
	}
	return c.proof(false)
}
