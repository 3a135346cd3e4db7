package service

import (
	"log/slog"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryShare is how much of the container's memory Go may use. The rest is for what Go does not count.
const memoryShare = 0.9

// gcPercent lets a heap beyond leastHeap grow to five times what is live before it is collected. Measured, that saves 7
// to 14 % of the CPU time for 15 to 45 MB. The memory limit bounds it: near the limit, the collector runs more often.
const gcPercent = 400

// leastHeap is how many bytes the heap may have in any case before it is collected. Small operations leave some 5 MB
// live, and at five times that the collector would run ten times a second under load. Measured, the floor saves 5 to
// 10 % of their CPU time for some 25 MB.
const leastHeap = 48 << 20

// tuneMemory sets what the environment does not: the garbage collector's pace and Go's memory limit. The live heap is
// small, and at Go's default the collector would run hundreds of times a second. Without a memory limit a burst can
// pass the container's own, and the kernel then kills the process.
func tuneMemory(environ []string, container memlimit.Provider, log *slog.Logger) {
	if !isSet(environ, "GOGC") {
		paceCollector()
	}
	if isSet(environ, "GOMEMLIMIT") {
		return
	}
	limit, err := memlimit.ApplyRatio(container, memoryShare)()
	if err != nil {
		log.Debug("no memory limit is set", "reason", err.Error()) // no container, or one without a limit
		return
	}
	debug.SetMemoryLimit(int64(min(limit, math.MaxInt64)))
	log.Info("memory limit set from the container's", "bytes", limit)
}

// paceCollector sets the pace of the collector, and after each collection sets it anew by what is live.
var paceCollector = sync.OnceFunc(func() {
	live, set := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}, 0
	afterEachCollection(func() {
		metrics.Read(live)
		percent := percentFor(live[0].Value.Uint64())
		if percent < set*9/10 || percent > set*11/10 { // to set it stops all goroutines for a moment
			set = percent
			debug.SetGCPercent(percent)
		}
	})
})

// percentFor returns the GOGC with which the heap is collected at leastHeap, or at gcPercent if that is later. Go never
// collects a heap below 4 MiB at GOGC=100, and in proportion at others, so that less than 4 MiB live count as 4 MiB.
func percentFor(live uint64) int {
	live = min(max(live, 4<<20), leastHeap)
	return max(gcPercent, int((leastHeap-live)*100/live)) //nolint:gosec // 1100 at most
}

// afterEachCollection calls do now and after each collection of garbage.
func afterEachCollection(do func()) {
	type garbage struct{ _ *int } // with a pointer, so that it shares no memory with other objects
	do()
	runtime.AddCleanup(&garbage{}, func(struct{}) { afterEachCollection(do) }, struct{}{})
}

// isSet reports whether the environment has a variable that is not empty.
func isSet(environ []string, name string) bool {
	return slices.ContainsFunc(environ, func(entry string) bool {
		value, found := strings.CutPrefix(entry, name+"=")
		return found && value != ""
	})
}
