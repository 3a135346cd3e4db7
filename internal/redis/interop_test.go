//go:build interop

package redis_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"portico/internal/redis"
	"portico/internal/redis/redistest"
	"portico/internal/service/servicetest"
)

// replica is a client with what it logged.
type replica struct {
	*redis.Client
	log *servicetest.Buffer
}

// patient is a timeout that no busy machine reaches.
const patient = 20 * time.Second

// join starts a client of a server. The settings may be changed.
func join(t *testing.T, s *redistest.Server, change func(*redis.Settings, *redis.Client)) replica {
	t.Helper()
	log := &servicetest.Buffer{}
	settings := redis.Settings{URL: s.URL, Timeout: patient, Scope: "test", Log: slog.New(slog.NewTextHandler(log, nil))}
	if change != nil {
		change(&settings, nil)
	}
	c, err := redis.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&settings, c)
	}
	c.Start()
	t.Cleanup(c.Close)
	return replica{c, log}
}

// connected waits until Redis answers.
func (r replica) connected(t *testing.T) {
	t.Helper()
	servicetest.Eventually(t, "Redis answers", func() bool { return r.Counts().Connected })
}

func (r replica) away(t *testing.T) {
	t.Helper()
	servicetest.Eventually(t, "Redis is away", func() bool { return !r.Counts().Connected })
}

func (r replica) written(t *testing.T, n int) {
	t.Helper()
	servicetest.Eventually(t, fmt.Sprintf("%d writes are answered", n), func() bool { return r.Counts().Written >= uint64(n) })
}

// get returns the value of something in a room, empty if there is none.
func get(t *testing.T, r replica, room, of string) string {
	t.Helper()
	got, _ := r.Room(room).Get(t.Context(), r.Room(room).Name(of))
	return string(got[0])
}

func TestInteropReplicasShareValues(t *testing.T) {
	s := redistest.Start(t)
	a, b := join(t, s, nil), join(t, s, nil)
	a.connected(t)
	b.connected(t)
	room := a.Room("entity")
	names := []string{room.Name("one"), room.Name("missing"), room.Name("two")}
	long := bytes.Repeat([]byte("long "), 1000)
	room.Set(names[0], []byte("1"), time.Hour)
	room.Set(names[2], long, time.Hour)
	room.Set(room.Name("three"), []byte("no life"), 0)
	a.written(t, 2)
	got, _ := b.Room("entity").Get(t.Context(), names...)
	if string(got[0]) != "1" || got[1] != nil || !bytes.Equal(got[2], long) {
		t.Errorf("got %q", got)
	}
	if other := get(t, b, "document", "one"); other != "" {
		t.Errorf("another room has %q", other)
	}
	if got := b.Counts(); got.Hits != 2 || got.Misses != 2 || got.Unanswered != 0 {
		t.Errorf("%+v", got)
	}
	if ttl := s.Command("PTTL", names[0]); ttl == "-1" {
		t.Error("a value is kept forever")
	}
	if n := s.Command("STRLEN", names[2]); len(n) > 3 {
		t.Errorf("5,000 bytes that repeat take %s: they are not compressed", n)
	}
}

// The value that was there first stays, unless nobody can read it.
func TestInteropAddKeepsWhatIsThere(t *testing.T) {
	s := redistest.Start(t)
	const key, other = "a key of more than 32 characters...", "another key of more than 32 characters"
	keyed := func(key string) replica {
		r := join(t, s, func(set *redis.Settings, _ *redis.Client) { set.Keys = []string{key} })
		r.connected(t)
		return r
	}
	a, b, c := keyed(key), keyed(key), keyed(other)
	name := a.Room("mark").Name("one")
	for _, step := range []struct {
		what        string
		r           replica
		value, want string
	}{
		{"there is none", a, "1", "1"},
		{"another replica wrote it", b, "2", "1"},
		{"it was sealed with a key that is not known", c, "3", "3"},
		{"it was replaced by another key", a, "4", "4"},
	} {
		if got, ok := step.r.Room("mark").Add(t.Context(), name, []byte(step.value), time.Hour); !ok || string(got) != step.want {
			t.Errorf("%s: got %q, %v, want %q", step.what, got, ok, step.want)
		}
	}
	if ttl := s.Command("PTTL", name); ttl == "-1" {
		t.Error("a value is kept forever")
	}
	s.Kill()
	if _, ok := a.Room("mark").Add(t.Context(), name, []byte("5"), time.Hour); ok {
		t.Error("kept without a Redis")
	}
}

func TestInteropScopesShareNothing(t *testing.T) {
	s := redistest.Start(t)
	a := join(t, s, nil)
	b := join(t, s, func(set *redis.Settings, _ *redis.Client) { set.Scope = "another tenant" })
	a.connected(t)
	b.connected(t)
	a.Room("entity").Set(a.Room("entity").Name("one"), []byte("1"), time.Hour)
	a.written(t, 1)
	if got := get(t, b, "entity", "one"); got != "" {
		t.Errorf("got %q", got)
	}
}

// One replica's write reaches another's memory, and not its own.
func TestInteropAWriteIsToldToTheOthers(t *testing.T) {
	s := redistest.Start(t)
	changed := make(chan string, 10)
	watch := func(_ *redis.Settings, c *redis.Client) {
		if c != nil {
			c.Room("entity").OnChange(func(name string) { changed <- name })
		}
	}
	a, b := join(t, s, nil), join(t, s, watch)
	a.connected(t)
	b.connected(t)
	room := b.Room("entity")
	own, others := room.Name("own"), room.Name("others")
	room.Set(own, []byte("1"), time.Hour)
	b.written(t, 1)
	a.Room("document").Set(a.Room("document").Name("one"), []byte("not watched"), time.Hour)
	a.Room("entity").Set(others, []byte("2"), time.Hour)
	select {
	case got := <-changed:
		if got != others {
			t.Errorf("got %s, want %s", got, others)
		}
	case <-time.After(patient):
		t.Fatal("nothing was told")
	}
	if len(changed) > 0 {
		t.Errorf("more was told: %s", <-changed)
	}
}

func TestInteropValuesAreEncrypted(t *testing.T) {
	s := redistest.Start(t)
	const oldKey, newKey, text = "an old key of more than 32 letters", "a new key of more than 32 characters", "198.51.100.7 is malicious"
	keyed := func(keys ...string) replica {
		r := join(t, s, func(set *redis.Settings, _ *redis.Client) { set.Keys = keys })
		r.connected(t)
		return r
	}
	before, during, after, without := keyed(oldKey), keyed(newKey, oldKey), keyed(newKey), keyed()
	room := before.Room("entity")
	short, long := room.Name("tenant of margaret\nhosts/198.51.100.7"), room.Name("long")
	room.Set(short, []byte(text), time.Hour)
	room.Set(long, bytes.Repeat([]byte(text), 100), time.Hour)
	before.written(t, 2)
	dump := s.Dump()
	for _, secret := range []string{"malicious", "198.51.100.7", "margaret", oldKey, "hosts"} {
		if strings.Contains(dump, secret) {
			t.Errorf("Redis keeps %q in plain text", secret)
		}
	}
	read := func(r replica, name string) string {
		got, _ := r.Room("entity").Get(t.Context(), name)
		return string(got[0])
	}
	if read(during, short) != text || len(read(during, long)) != 100*len(text) {
		t.Error("the old key does not open")
	}
	if read(after, short) != "" || read(without, short) != "" {
		t.Error("read without the key")
	}
	during.Room("entity").Set(short, []byte(text), time.Hour)
	during.written(t, 1)
	if read(after, short) != text || read(before, short) != "" {
		t.Error("the new key does not seal")
	}
	s.Command("COPY", short, long, "REPLACE")
	if read(after, long) != "" {
		t.Error("a value was moved to another name")
	}
	s.Command("SET", short, "\x00"+text)
	if got := read(after, short); got != "" {
		t.Errorf("a value that nobody sealed: %q", got)
	}
	if got := after.Counts().Unreadable; got != 3 {
		t.Errorf("%d unreadable values", got)
	}
}

func TestInteropWrongSettingsAreLoggedOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		args   []string
		url    func(string) string
		change func(*redis.Settings)
		log    string // what is logged, once
	}{
		"a wrong password": {
			[]string{"--requirepass", "right-password"},
			nil,
			func(s *redis.Settings) { s.Password = "wrong-password" }, "Redis refused the password",
		},
		"no password": {[]string{"--requirepass", "right-password"}, nil, nil, "Redis refused the password"},
		"a wrong database": {
			nil, func(url string) string { return url + "?db=99" }, nil,
			`Redis refused the connection; Portico goes on without it" reason="DB index is out of range"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := redistest.Start(t, tt.args...)
			r := join(t, s, func(set *redis.Settings, _ *redis.Client) {
				if tt.url != nil {
					set.URL = tt.url(set.URL)
				}
				if tt.change != nil {
					tt.change(set)
				}
			})
			servicetest.Eventually(t, "it is logged", func() bool { return strings.Contains(r.log.String(), tt.log) })
			before := s.Command("INFO", "stats")
			servicetest.Eventually(t, "it is tried again", func() bool { return s.Command("INFO", "stats") != before })
			if got := get(t, r, "entity", "one"); got != "" {
				t.Errorf("got %q", got)
			}
			log := r.log.String()
			if strings.Count(log, "\n") != 1 || strings.Contains(log, "password=") || strings.Contains(log, "-password") || strings.Contains(log, "/s") {
				t.Errorf("log: %s", log)
			}
		})
	}
}

// A Redis that comes late, goes and comes again is used while it is there.
func TestInteropRedisComesAndGoes(t *testing.T) {
	s := redistest.New(t)
	r := join(t, s, nil)
	room := r.Room("entity")
	name := room.Name("one")
	servicetest.Eventually(t, "it is logged", func() bool { return strings.Contains(r.log.String(), "Redis is not reachable") })
	room.Set(name, []byte("dropped"), time.Hour)
	if got := get(t, r, "entity", "one"); got != "" || r.Counts().Dropped != 1 {
		t.Errorf("%q %+v", got, r.Counts())
	}
	for range 3 {
		s.Run()
		r.connected(t)
		want := r.Counts().Written + 1
		room.Set(name, []byte("kept"), time.Hour)
		r.written(t, int(want))
		if got := get(t, r, "entity", "one"); got != "kept" {
			t.Errorf("got %q", got)
		}
		s.Kill()
		r.away(t)
	}
	if strings.Contains(r.log.String(), "/s") {
		t.Errorf("the log has the address: %s", r.log)
	}
}

// While Redis accepts connections and answers nothing, one request waits for the timeout, and those after it do not.
func TestInteropAFrozenRedisIsAskedOnce(t *testing.T) {
	s := redistest.Start(t)
	r := join(t, s, func(set *redis.Settings, _ *redis.Client) { set.Timeout = 50 * time.Millisecond })
	r.connected(t)
	s.Freeze()
	room := r.Room("entity")
	for range 1000 {
		if got := get(t, r, "entity", "one"); got != "" {
			t.Errorf("got %q", got)
		}
	}
	if got := r.Counts(); got.Lost != 1 || got.Unanswered != 1000 || got.Connected {
		t.Errorf("%+v", got)
	}
	room.Set(room.Name("one"), []byte("dropped"), time.Hour)
	s.Thaw()
	r.connected(t)
}

// A caller that leaves says nothing of Redis.
func TestInteropACallerThatLeavesIsNoFailure(t *testing.T) {
	s := redistest.Start(t)
	r := join(t, s, nil)
	r.connected(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		_, _ = r.Room("entity").Get(ctx, r.Room("entity").Name("one"))
	}
	if got := r.Counts(); got.Lost != 0 || !got.Connected {
		t.Errorf("%+v", got)
	}
}

func TestInteropAFullRedisRefusesWrites(t *testing.T) {
	s := redistest.Start(t, "--maxmemory", "1500kb", "--maxmemory-policy", "noeviction")
	r := join(t, s, nil)
	r.connected(t)
	room := r.Room("entity")
	for i := range 4000 {
		random := bytes.Repeat([]byte{byte(i)}, 900)
		room.Set(room.Name(fmt.Sprint(i)), random, time.Hour)
	}
	servicetest.Eventually(t, "writes are refused", func() bool { return r.Counts().Refused > 0 })
	if got := get(t, r, "entity", "0"); len(got) != 900 || !r.Counts().Connected {
		t.Errorf("reads fail: %q %+v", got, r.Counts())
	}
	if got := r.log.String(); strings.Count(got, "refuses writes") != 1 || !strings.Contains(got, "allkeys-lru") {
		t.Errorf("log: %s", got)
	}
	quotas := redis.NewQuotas(r.Client, 10)
	if _, granted := quotas.Take(t.Context(), "ada", 10, false); !granted {
		t.Error("a quota is refused because Redis is full")
	}
	if _, granted := quotas.Take(t.Context(), "ada", 10, false); granted {
		t.Error("a full Redis lifts quotas")
	}
}
