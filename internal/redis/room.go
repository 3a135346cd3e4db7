package redis

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// version is in every name. It changes when values are written in another way, so that replicas of two versions do not
// read each other's.
const version = "portico:1:"

// Room is a part of what is kept, with names of its own. The nil Room keeps nothing.
type Room struct {
	client *Client
	prefix string
}

// Room returns the room with a name.
func (c *Client) Room(name string) *Room { return &Room{client: c, prefix: prefixOf(name)} }

func prefixOf(room string) string { return version + room + ":" }

// prefixIn returns the prefix of the room that a name belongs to.
func prefixIn(name string) string { return name[:strings.LastIndexByte(name, ':')+1] }

// OnChange has a function called with each name in the room that another replica wrote. It must return fast, and be set
// before Start.
func (r *Room) OnChange(changed func(name string)) { r.client.onChange(r.prefix, changed) }

// Name returns the name under which something is kept. It is a digest: nothing can be read from it.
func (r *Room) Name(of string) string {
	if r == nil {
		return ""
	}
	sum := sha256.Sum256([]byte(r.client.scope + "\x00" + of))
	return r.prefix + base64.RawURLEncoding.EncodeToString(sum[:])
}

// Get returns the values under some names, by place: nil for what is not there, or cannot be read. They are in new
// memory. It reports false if Redis did not answer in time. One command asks for all.
func (r *Room) Get(ctx context.Context, names ...string) (values [][]byte, ok bool) {
	values = make([][]byte, len(names))
	if r == nil || len(names) == 0 {
		return values, false
	}
	c := r.client
	var kept []rueidis.RedisMessage
	err := c.ask(ctx, func(ctx context.Context, client rueidis.Client) (err error) {
		kept, err = client.Do(ctx, client.B().Mget().Key(names...).Build()).ToArray()
		return err
	})
	if err != nil || len(kept) != len(names) {
		c.counts.unanswered.Add(1)
		return values, false
	}
	for i, one := range kept {
		values[i] = c.read(names[i], one)
	}
	return values, true
}

// read returns the value in an answer, nil for none.
func (c *Client) read(name string, answer rueidis.RedisMessage) []byte {
	if answer.IsNil() {
		c.counts.misses.Add(1)
		return nil
	}
	kept, err := answer.AsBytes()
	if err == nil {
		kept, err = c.sealer.open(name, kept)
	}
	if err != nil {
		c.counts.unreadable.Add(1)
		return nil
	}
	c.counts.hits.Add(1)
	return kept
}

// Set keeps a value under a name for a time, which is at least a millisecond. It does not wait. The value must not be
// changed afterwards.
func (r *Room) Set(name string, value []byte, life time.Duration) {
	if r == nil || life < time.Millisecond {
		return
	}
	c := r.client
	if len(value) > maxValue {
		c.counts.queued.Add(1)
		c.counts.dropped.Add(1)
		return
	}
	c.behind(write{size: len(value), command: func(b rueidis.Builder) (rueidis.Completed, bool) {
		kept, err := c.sealer.seal(name, value)
		if err != nil {
			return rueidis.Completed{}, false
		}
		return b.Set().Key(name).Value(rueidis.BinaryString(kept)).PxMilliseconds(life.Milliseconds()).Build(), true
	}})
}

// Put keeps a value under a name for a time, and returns when that is done.
func (r *Room) Put(ctx context.Context, name string, value []byte, life time.Duration) error {
	kept, err := r.client.sealer.seal(name, value)
	if err != nil {
		return err
	}
	return r.client.within(ctx, writeLimit, func(ctx context.Context, client rueidis.Client) error {
		return client.Do(ctx, client.B().Set().Key(name).Value(rueidis.BinaryString(kept)).
			PxMilliseconds(life.Milliseconds()).Build()).Error()
	})
}

// Add keeps a value under a name for a time if there is none, or none that can be read, and returns the one that is
// kept then. It reports false if Redis did not answer in time, or refused the value.
func (r *Room) Add(ctx context.Context, name string, value []byte, life time.Duration) (kept []byte, ok bool) {
	c := r.client
	sealed, err := c.sealer.seal(name, value)
	if err != nil {
		return nil, false
	}
	err = c.ask(ctx, func(ctx context.Context, client rueidis.Client) error {
		set := client.B().Set().Key(name).Value(rueidis.BinaryString(sealed))
		answers := client.DoMulti(ctx, set.Nx().PxMilliseconds(life.Milliseconds()).Build(),
			client.B().Mget().Key(name).Build())
		if err := answers[0].Error(); err != nil && !rueidis.IsRedisNil(err) {
			return err
		}
		found, err := answers[1].ToArray()
		if err == nil && len(found) == 1 {
			kept = c.read(name, found[0])
		}
		if err != nil || kept != nil {
			return err
		}
		kept = value
		set = client.B().Set().Key(name).Value(rueidis.BinaryString(sealed))
		return client.Do(ctx, set.PxMilliseconds(life.Milliseconds()).Build()).Error()
	})
	if isAnswer(err) {
		c.reports.refused(err)
	}
	return kept, err == nil
}

// Delete drops what is kept under some names. It does not wait.
func (r *Room) Delete(names ...string) {
	if r == nil || len(names) == 0 {
		return
	}
	r.client.behind(write{command: func(b rueidis.Builder) (rueidis.Completed, bool) {
		return b.Unlink().Key(names...).Build(), true
	}})
}
