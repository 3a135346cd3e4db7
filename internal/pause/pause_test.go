package pause_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"portico/internal/pause"
)

func TestForWaitsForTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := time.Now()
		if err := pause.For(t.Context(), time.Minute); err != nil || time.Since(from) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(from))
		}
	})
}

func TestForEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
		defer cancel()
		from := time.Now()
		if err := pause.For(ctx, time.Minute); !errors.Is(err, cause) || time.Since(from) != time.Second {
			t.Errorf("%v after %v", err, time.Since(from))
		}
	})
}
