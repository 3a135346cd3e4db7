package redis

import (
	"context"
	"strconv"

	"github.com/redis/rueidis"

	"portico/internal/quota"
)

// takeScript takes from a bucket that fills in a minute, as [quota.Memory] does, by the clock of Redis. It answers
// whether that was granted, and the level after it. A bucket that is full is not kept.
const takeScript = `
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local limit, wanted, forced = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = tonumber(kept[1]) or limit, tonumber(kept[2]) or now
level = math.min(limit, level + limit * math.max(0, now - at) / 60)
local granted = forced or wanted <= 0 or level >= wanted
if granted then level = math.min(limit, level - wanted) end
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((limit - level) / limit * 60000) + 1000)
return {granted and 1 or 0, string.format('%.6f', level)}`

// Quotas is a [quota.Store] whose buckets replicas share. Only taking what may be refused waits for Redis. While Redis
// is away, each replica goes on with the levels that it knows, so that a caller gets at most the limit from each.
type Quotas struct {
	room  *Room
	limit int
	local *quota.Memory
}

// NewQuotas returns a store whose buckets hold limit.
func NewQuotas(c *Client, limit int) *Quotas {
	return &Quotas{room: c.Room("quota"), limit: limit, local: quota.NewMemory(limit)}
}

// Take implements [quota.Store].
func (q *Quotas) Take(ctx context.Context, key string, n int, forced bool) (quota.State, bool) {
	if forced {
		q.takeBehind(key, n)
		return q.local.Take(ctx, key, n, true)
	}
	level, granted, err := q.take(ctx, key, n)
	if err != nil {
		return q.local.Take(ctx, key, n, false)
	}
	return q.local.Learn(key, level, n, granted), granted
}

func (q *Quotas) take(ctx context.Context, key string, n int) (level float64, granted bool, err error) {
	err = q.room.client.ask(ctx, func(ctx context.Context, client rueidis.Client) error {
		answer, err := client.Do(ctx, q.command(client.B(), key, n, false)).ToArray()
		if err != nil {
			return err
		}
		level, granted, err = readTaken(answer)
		return err
	})
	return level, granted, err
}

func (q *Quotas) takeBehind(key string, n int) {
	if n == 0 {
		return
	}
	q.room.client.behind(write{command: func(b rueidis.Builder) (rueidis.Completed, bool) {
		return q.command(b, key, n, true), true
	}})
}

func (q *Quotas) command(b rueidis.Builder, key string, n int, forced bool) rueidis.Completed {
	flag := "0"
	if forced {
		flag = "1"
	}
	return b.Eval().Script(takeScript).Numkeys(1).Key(q.room.Name(key)).
		Arg(strconv.Itoa(q.limit), strconv.Itoa(n), flag).Build()
}

// readTaken reads the answer of takeScript.
func readTaken(answer []rueidis.RedisMessage) (level float64, granted bool, err error) {
	if len(answer) != 2 {
		return 0, false, errAnswer
	}
	flag, err := answer[0].AsInt64()
	if err != nil {
		return 0, false, errAnswer
	}
	level, err = answer[1].AsFloat64()
	if err != nil || level != level { // not a number
		return 0, false, errAnswer
	}
	return level, flag == 1, nil
}
