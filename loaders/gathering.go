package loaders

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// gathering collects steps to send them together: those that the responses of one wave lead to, until the last of them
// is in, or those of resolvers. It waits no longer than wait. What comes later is gathered again, for those that are
// missing then.
type gathering struct {
	loader  *Loader
	wave    int // 0: the one after the last so far
	missing int // responses that have not arrived; negative: unknown
	wait    time.Duration

	mu    sync.Mutex
	round *round
}

// round is what is sent together.
type round struct {
	steps  []Step
	handed int
	sent   chan struct{} // closed when all is under way
	timer  *time.Timer
}

// handIn adds steps and returns the round that sends them.
func (g *gathering) handIn(found []Step) *round {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.round
	if r == nil {
		r = &round{sent: make(chan struct{})}
		g.round = r
		r.timer = time.AfterFunc(g.wait, func() { g.end(r) })
	}
	r.steps = append(r.steps, found...)
	r.handed++
	g.missing--
	if g.missing == 0 {
		g.round = nil
		r.timer.Stop() // it would keep all of the operation in memory
		go g.send(r)
	}
	return r
}

// end sends a round that did not wait for all, unless it was sent.
func (g *gathering) end(r *round) {
	g.mu.Lock()
	open := g.round == r
	if open {
		g.round = nil
	}
	g.mu.Unlock()
	if open {
		g.send(r)
	}
}

func (g *gathering) send(r *round) {
	defer close(r.sent)
	wave := g.wave
	if wave == 0 {
		wave = g.loader.Waves() + 1
	}
	if g.loader.ctx.Err() == nil {
		// Responses arrive in any order. The budget, if it ends here, must leave out the same ones each time.
		slices.SortStableFunc(r.steps, func(a, b Step) int { return cmp.Compare(a.Lookup.Path, b.Lookup.Path) })
		g.loader.start(r.steps, wave)
	}
	if g.wave > 0 {
		g.loader.release(r.handed)
	}
}
