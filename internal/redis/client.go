package redis

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// Settings say which Redis is used and how.
type Settings struct {
	// URL names the Redis; see [CheckURL].
	URL string
	// Password takes the place of the one in the URL, if it is not empty.
	Password string
	// Timeout is how long a request waits for an answer.
	Timeout time.Duration
	// Scope is what replicas must have in common to share anything.
	Scope string
	// Keys encrypt values: the first one seals, all open. Empty ones are left out; without any, nothing is encrypted.
	Keys []string
	Log  *slog.Logger
}

// Client keeps values, quotas and pauses in Redis. While Redis is away no request waits for it; see link. It is safe
// for concurrent use.
type Client struct {
	*link
	*writer
	counts  *counts
	scope   string
	sealer  *sealer
	changes map[string]func(name string) // by prefix, see onChange
	// background is run from Start until Close.
	background []func(context.Context)
	stop       context.CancelFunc
	stopped    sync.WaitGroup
}

// New returns a client that does nothing before Start.
func New(s Settings) (*Client, error) {
	option, err := parseURL(s.URL)
	if err != nil {
		return nil, err
	}
	if s.Password != "" {
		option.Password = s.Password
	}
	counts := &counts{}
	link := &link{
		option: option, timeout: s.Timeout, counts: counts, probe: make(chan struct{}, 1), reports: reports{log: s.Log},
	}
	return &Client{
		link: link, writer: &writer{link: link, counts: counts, writes: make(chan write, maxWrites)}, counts: counts,
		scope: s.Scope, sealer: newSealer(s.Keys...), changes: map[string]func(string){},
	}, nil
}

// onChange has a function called with each name with a prefix that another replica wrote. It must return fast, and be
// set before Start.
func (c *Client) onChange(prefix string, changed func(name string)) { c.changes[prefix] = changed }

// SetKeys replaces the keys that encrypt values, as in [Settings].
func (c *Client) SetKeys(keys ...string) { c.sealer.setKeys(keys...) }

// Start begins to connect in the background.
func (c *Client) Start() {
	var tracked []string
	for prefix := range c.changes {
		tracked = append(tracked, prefix)
	}
	c.option = complete(c.option, tracked)
	c.option.OnInvalidations = c.invalidated
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	for _, run := range append([]func(context.Context){c.watch, c.run}, c.background...) {
		c.stopped.Go(func() { run(ctx) })
	}
}

// Close sends what waits to be written, for a moment at most, and ends the connection. The nil Client closes, too.
func (c *Client) Close() {
	if c == nil || c.stop == nil {
		return
	}
	c.stop()
	c.stopped.Wait()
	c.close()
}

// invalidated is told by rueidis which names other replicas wrote; nil: the connection is lost, and with it what others
// may have written since. That is not a reason to drop anything: no value is used beyond its time.
func (c *Client) invalidated(messages []rueidis.RedisMessage) {
	if messages == nil {
		c.check()
		return
	}
	for _, message := range messages {
		name, err := message.ToString()
		if err != nil {
			continue
		}
		if changed := c.changes[prefixIn(name)]; changed != nil {
			changed(name)
		}
	}
}

// Counts returns what happened so far.
func (c *Client) Counts() Counts {
	n := c.counts
	ended := n.written.Load() + n.refused.Load() + n.dropped.Load() // before queued, so that Waiting is not negative
	return Counts{
		Waiting:   n.queued.Load() - ended,
		Connected: c.up.Load(), Hits: n.hits.Load(), Misses: n.misses.Load(), Unreadable: n.unreadable.Load(),
		Unanswered: n.unanswered.Load(), Written: n.written.Load(), Refused: n.refused.Load(), Dropped: n.dropped.Load(),
		Lost: n.lost.Load(),
	}
}
