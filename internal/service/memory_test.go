package service

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// The limit is the process's, so this test runs alone.
func TestTheMemoryLimitIsTheContainersUnlessItIsSet(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	pace := debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetMemoryLimit(before)
		debug.SetGCPercent(pace)
	})
	broken := func() (uint64, error) { return 0, errors.New("unreadable") }
	none := func() (uint64, error) { return 0, memlimit.ErrNoLimit }
	for _, row := range []struct {
		what      string
		environ   []string
		container memlimit.Provider
		want      int64
	}{
		{"a container of 1,000,000,000 bytes", nil, memlimit.Limit(1_000_000_000), 900_000_000},
		{"GOMEMLIMIT is set", []string{"GOMEMLIMIT=64MiB"}, memlimit.Limit(1_000_000_000), math.MaxInt64},
		{"GOMEMLIMIT is empty", []string{"GOMEMLIMIT="}, memlimit.Limit(1_000_000_000), 900_000_000},
		{"a container without a limit", nil, none, math.MaxInt64},
		{"a limit that cannot be read", nil, broken, math.MaxInt64},
		{"a limit beyond all memory", nil, memlimit.Limit(math.MaxUint64), math.MaxInt64},
	} {
		debug.SetMemoryLimit(math.MaxInt64)
		var log bytes.Buffer
		tuneMemory(append([]string{"GOGC=100"}, row.environ...), row.container, slog.New(slog.NewTextHandler(&log, nil)))
		if got := debug.SetMemoryLimit(-1); got != row.want {
			t.Errorf("%s: the limit is %d, want %d", row.what, got, row.want)
		}
		if told := strings.Contains(log.String(), "memory limit"); told != (row.want != math.MaxInt64) && !strings.Contains(row.what, "beyond") {
			t.Errorf("%s: the log is %q", row.what, log.String())
		}
	}
}

func TestASmallHeapIsCollectedAtTheFloor(t *testing.T) {
	for live, want := range map[uint64]int{
		0: 1100, 1 << 20: 1100, 4 << 20: 1100, 6 << 20: 700, 9 << 20: 433, 10 << 20: 400, 48 << 20: 400, 1 << 40: 400,
	} {
		if got := percentFor(live); got != want {
			t.Errorf("%d bytes live: GOGC=%d, want %d", live, got, want)
		}
	}
}

func TestWhatIsDoneAfterEachCollection(t *testing.T) {
	done := make(chan struct{}, 100)
	count := 0
	afterEachCollection(func() {
		if count++; count <= 3 {
			done <- struct{}{}
		}
	})
	for range 3 {
		<-done
		runtime.GC()
	}
}
