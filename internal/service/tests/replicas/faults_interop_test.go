//go:build interop

package replicas_test

import (
	"fmt"
	"strings"
	"testing"

	"portico/internal/redis/redistest"
)

// Whatever happens to Redis, queries are answered as without it, and Portico stays ready.
func TestInteropRedisFailsNoQuery(t *testing.T) {
	for name, happens := range map[string]func(*testing.T, *redistest.Server){
		"it is killed":    func(_ *testing.T, r *redistest.Server) { r.Kill() },
		"it is restarted": func(_ *testing.T, r *redistest.Server) { r.Kill(); r.Run() },
		"it answers nothing": func(t *testing.T, r *redistest.Server) {
			r.Freeze()
			t.Cleanup(r.Thaw)
		},
		"it is full":        func(_ *testing.T, r *redistest.Server) { r.Command("CONFIG", "SET", "maxmemory", "1") },
		"its data are lost": func(_ *testing.T, r *redistest.Server) { r.Command("FLUSHALL") },
		"its password changes": func(_ *testing.T, r *redistest.Server) {
			r.Command("CONFIG", "SET", "requirepass", "changed")
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, "PORTICO_CACHE_TIMEOUT=50ms")
			a := c.startAlone(t)
			c.connected(t, a)
			ports := c.graph.PortIDs()
			query := func(port string) string { return fmt.Sprintf(`{ hostPort(id: %q) { id } }`, port) }
			for i, port := range ports[:20] {
				if i == 10 {
					happens(t, c.redis)
				}
				a.Ask(t, query(port)).Want(t, fmt.Sprintf(`{"hostPort":{"id":%q}}`, port))
			}
			if got := verbose(t, a, "redis_lost"); got != "0" && got != "1" {
				t.Errorf("Redis was lost %s times", got)
			}
			for _, port := range ports[:20] { // from memory
				c.graph.ResetLog()
				a.Ask(t, query(port)).Want(t, fmt.Sprintf(`{"hostPort":{"id":%q}}`, port))
			}
			c.wantSent(t, "the last one again", 0)
		})
	}
}

// What is in Redis and was not written by Portico is as good as nothing.
func TestInteropForeignValuesAreMisses(t *testing.T) {
	c := newCluster(t)
	a := c.start(t)
	port := c.graph.PortIDs()[0]
	query := fmt.Sprintf(`{ hostPort(id: %q) { id status } }`, port)
	want := a.Ask(t, query)
	want.WantNoErrors(t)
	settled(t, a)
	for _, name := range strings.Split(c.redis.Command("KEYS", "portico:1:entity:*"), "\n") {
		value := c.redis.Command("GET", name)
		for what, foreign := range map[string]string{
			"text": "hello", "nothing": "", "a form that does not exist": "\x09" + value[1:], "half": value[:len(value)/2],
			"not JSON":        "\x00" + strings.Repeat("{", 100),
			"another's entry": strings.Replace(value, port, port[1:]+"x", 1),
			"a broken entity": strings.Replace(value, `"status":`, `"status"::`, 1),
			"a list":          "\x00[]", "null": "\x00null",
		} {
			c.redis.Command("SET", name, foreign)
			b := c.start(t)
			if got := b.Ask(t, query); got.Data != want.Data || len(got.Errors) > 0 {
				t.Errorf("%s: %s", what, got.Text)
			}
		}
	}
}
