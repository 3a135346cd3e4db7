//go:build chaos

package faults_test

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// TestChaosGivesNoWrongResponse sends queries under random faults for the duration in the variable CHAOS, one minute without
// it. It logs its seed.
func TestChaosGivesNoWrongResponse(t *testing.T) {
	duration, err := time.ParseDuration(os.Getenv("CHAOS"))
	if err != nil {
		duration = time.Minute
	}
	seed := rand.Uint64()
	t.Logf("seed %d, %v", seed, duration)
	end := time.Now().Add(duration)
	answersUnderFaults(t, seed, func(int) bool { return time.Now().Before(end) })
}
