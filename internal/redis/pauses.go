package redis

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

const (
	// maxPauses bounds the pauses that are shared at a time.
	maxPauses = "1000"
	// maxPause is how long a pause that another replica was told lasts here at most. Microsoft Graph would renew it, and
	// whoever may write to Redis cannot stop a replica for longer.
	maxPause = 5 * time.Minute
)

// stopScript keeps until when nothing may be sent for an identity, by the clock of Redis.
const stopScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], 'GT', now + tonumber(ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[3]))
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], last[2])
return redis.status_reply('OK')`

// leftScript returns the identities, each with how many milliseconds are left.
const leftScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, tonumber(ARGV[1]))
for i = 2, #all, 2 do all[i] = tostring(all[i] - now) end
return all`

// Pauses shares the pauses of identities after a 429: a replica that is told to pause tells the others. It is safe for
// concurrent use.
type Pauses struct {
	room    *Room
	key     string
	learned atomic.Pointer[map[string]time.Time] // by name; never empty, nil for none
	reload  chan struct{}
}

// NewPauses returns what shares pauses. It must be called before Start.
func NewPauses(c *Client) *Pauses {
	room := c.Room("pauses")
	p := &Pauses{room: room, key: room.Name("all"), reload: make(chan struct{}, 1)}
	room.OnChange(func(string) { p.wake() })
	c.joined = append(c.joined, p.wake)
	c.background = append(c.background, p.follow)
	return p
}

func (p *Pauses) wake() {
	select {
	case p.reload <- struct{}{}:
	default: // it is due already
	}
}

// Stop tells the other replicas that nothing may be sent for an identity before a wait has passed. It does not wait.
func (p *Pauses) Stop(identity string, wait time.Duration) {
	if wait < time.Millisecond {
		return
	}
	p.room.client.behind(write{command: func(b rueidis.Builder) (rueidis.Completed, bool) {
		return b.Eval().Script(stopScript).Numkeys(1).Key(p.key).
			Arg(p.room.Name(identity), strconv.FormatInt(wait.Milliseconds(), 10), maxPauses).Build(), true
	}})
}

// Until returns until when nothing may be sent for an identity because another replica was told so; zero: no pause is
// known.
func (p *Pauses) Until(identity string) time.Time {
	learned := p.learned.Load()
	if learned == nil { // the usual case: do not even digest the identity
		return time.Time{}
	}
	return (*learned)[p.room.Name(identity)]
}

// follow learns the pauses after each change until ctx ends.
func (p *Pauses) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.reload:
			p.load(ctx)
		}
	}
}

func (p *Pauses) load(ctx context.Context) {
	c := p.room.client
	_ = c.within(ctx, writeLimit, func(ctx context.Context, client rueidis.Client) error {
		answer, err := client.Do(ctx, client.B().Eval().Script(leftScript).Numkeys(1).Key(p.key).Arg(maxPauses).Build()).
			AsStrSlice()
		if err == nil {
			p.learn(answer, time.Now())
		}
		return err
	}) // without an answer, the replica learns from Microsoft Graph itself
}

// learn takes the answer of leftScript in place of what was known.
func (p *Pauses) learn(answer []string, now time.Time) {
	learned := map[string]time.Time{}
	for i := 0; i+1 < len(answer); i += 2 {
		left, err := strconv.ParseFloat(answer[i+1], 64)
		if err == nil && left > 0 {
			wait := time.Duration(min(left, float64(maxPause.Milliseconds()))) * time.Millisecond
			learned[answer[i]] = now.Add(wait)
		}
	}
	if len(learned) == 0 {
		p.learned.Store(nil)
		return
	}
	p.learned.Store(&learned)
}
