package service

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// restoreMemory undoes at the end of a test what tuneMemory sets. These are settings of the process, so tests that call
// it must not run in parallel.
func restoreMemory(t *testing.T) {
	t.Helper()
	limit, pace, room := debug.SetMemoryLimit(-1), debug.SetGCPercent(100), reserve.Load()
	t.Cleanup(func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(pace)
		reserve.Store(room)
	})
}

func TestTheMemoryLimitIsTheContainersUnlessItIsSet(t *testing.T) {
	restoreMemory(t)
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

// What counts as live and is not used must leave room for what is.
func TestTheReserveIsSmallInASmallContainer(t *testing.T) {
	restoreMemory(t)
	for _, row := range []struct {
		what      string
		environ   []string
		limit     int64 // that GOMEMLIMIT set
		container uint64
		want      int
	}{
		{"a container of 64 MiB", nil, math.MaxInt64, 64 << 20, 64 << 20 * 9 / 10 / 8},
		{"a container of 1 GiB", nil, math.MaxInt64, 1 << 30, maxReserve},
		{"GOMEMLIMIT is 80 MiB", []string{"GOMEMLIMIT=80MiB"}, 80 << 20, 1 << 30, 10 << 20},
	} {
		debug.SetMemoryLimit(row.limit)
		tuneMemory(row.environ, memlimit.Limit(row.container), slog.New(slog.DiscardHandler))
		if got := len(*reserve.Load()); got != row.want {
			t.Errorf("%s: the reserve has %d bytes, want %d", row.what, got, row.want)
		}
	}
}

func TestASmallHeapMayGrowBeforeItIsCollected(t *testing.T) {
	restoreMemory(t)
	tuneMemory(nil, func() (uint64, error) { return 0, memlimit.ErrNoLimit }, slog.New(slog.DiscardHandler))
	runtime.GC()
	goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(goal)
	if got := goal[0].Value.Uint64(); got < 2*maxReserve {
		t.Errorf("the heap is collected at %d bytes, want at least %d", got, 2*maxReserve)
	}
}
