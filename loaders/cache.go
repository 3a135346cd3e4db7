package loaders

import (
	"context"

	"github.com/graph-gophers/dataloader/v7"

	"portico/msgraph"
)

// callCache is the dataloader's cache: the calls of the operation. A key is found if any call, under way or finished,
// asks for as much of its resource or more.
type callCache struct{ *Loader }

var _ dataloader.Cache[msgraph.Lookup, *call] = callCache{}

// Get implements dataloader.Cache.
func (c callCache) Get(_ context.Context, lookup msgraph.Lookup) (dataloader.Thunk[*call], bool) {
	found, _ := c.find(lookup)
	return func() (*call, error) { return found, nil }, found != nil
}

// Set implements dataloader.Cache. The loader itself remembers what it sends.
func (callCache) Set(context.Context, msgraph.Lookup, dataloader.Thunk[*call]) {}

// Delete implements dataloader.Cache. Nothing is forgotten before the operation ends.
func (callCache) Delete(context.Context, msgraph.Lookup) bool { return false }

// Clear implements dataloader.Cache. Nothing is forgotten before the operation ends.
func (callCache) Clear() {}
