package service

import (
	"log/slog"
	"math"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryShare is how much of the container's memory Go may use. The rest is for what Go does not count.
const memoryShare = 0.9

// gcPercent lets the heap grow to two and a half times what is live, with the reserve, before it is collected. The
// memory limit bounds it: near the limit, the collector runs more often.
const gcPercent = 150

// reserve counts as live, so that a small heap grows further. Small operations leave some 3 MB live, and at a multiple
// of that the collector would run tens of times a second under load: Go has no setting for the least size of a heap.
// Nothing is ever written here, so the kernel gives it no memory.
//
// The reserve sets how often the collector runs for small operations; gcPercent limits the peak of large ones, which
// leave 10 to 20 MB live.
var reserve atomic.Pointer[[]byte]

// maxReserve is the size of the reserve in bytes. It counts towards Go's memory limit, of which it takes an eighth at
// most.
const maxReserve = 20 << 20

// tuneMemory sets what the environment does not: Go's memory limit and the garbage collector's pace. The live heap is
// small, and at Go's default the collector would run hundreds of times a second. Without a memory limit a burst can
// pass the container's own, and the kernel then kills the process.
func tuneMemory(environ []string, container memlimit.Provider, log *slog.Logger) {
	if !isSet(environ, "GOMEMLIMIT") {
		limitMemory(container, log)
	}
	if !isSet(environ, "GOGC") {
		debug.SetGCPercent(gcPercent)
		room := make([]byte, min(maxReserve, debug.SetMemoryLimit(-1)/8)) // a negative limit changes nothing
		reserve.Store(&room)
	}
}

// limitMemory sets Go's memory limit to a share of the container's.
func limitMemory(container memlimit.Provider, log *slog.Logger) {
	limit, err := memlimit.ApplyRatio(container, memoryShare)()
	if err != nil {
		log.Debug("no memory limit is set", "reason", err.Error()) // no container, or one without a limit
		return
	}
	debug.SetMemoryLimit(int64(min(limit, math.MaxInt64)))
	log.Info("memory limit set from the container's", "bytes", limit)
}

// isSet reports whether the environment has a variable that is not empty.
func isSet(environ []string, name string) bool {
	return slices.ContainsFunc(environ, func(entry string) bool {
		value, found := strings.CutPrefix(entry, name+"=")
		return found && value != ""
	})
}
