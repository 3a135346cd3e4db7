package service

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever hangs at the end, the process ends when its time is over, and not before.
func TestTheEndComesInTimeWhateverHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		code := make(chan int, 1)
		from := time.Now()
		stop := exitInTime(ctx, 22*time.Second, func(c int) { code <- c })
		cancel()
		if got := <-code; got != 1 || time.Since(from) != 22*time.Second {
			t.Errorf("exit(%d) after %v", got, time.Since(from))
		}
		stop()
		ctx, cancel = context.WithCancel(t.Context())
		stop = exitInTime(ctx, time.Second, func(int) { t.Error("a program that has ended is ended again") })
		cancel()
		stop()
		time.Sleep(time.Minute)
	})
}
