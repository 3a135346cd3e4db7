package transport

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"portico/internal/flight"
	"portico/internal/telemetry"
)

// Sharing runs identical operations that are in flight at the same time once, and gives all who asked the same bytes.
// Identical means: the same identity upstream, the same media type, and the same request to the last byte. An answer
// never crosses from one identity to another. Each request has its own log line and its own line in the audit log, and
// is charged for what the run cost, whoever started it.
type Sharing struct {
	identity func(context.Context) string
	charge   Charge
	flights  flight.Group[*answer]
}

// Charge charges the caller of a context with items. It reports false, and charges nothing, if the caller's quota has
// less left.
type Charge func(ctx context.Context, items int) bool

// NewSharing shares among requests for which identity gives the same key: as whom Microsoft Graph is asked. Without a
// way to tell identities apart it returns nil, which shares nothing. A nil charge charges nobody.
func NewSharing(identity func(context.Context) string, charge Charge) *Sharing {
	if identity == nil {
		return nil
	}
	return &Sharing{identity: identity, charge: charge}
}

// answer runs a request, or waits for an equal one that is already under way. The run ends when the last who waits for
// it has left, or after the limit. It returns nil if this request must run by itself: the run was refused because the
// quota of the caller who started it is used up, which says nothing of the others, or the run cost more than this
// caller's quota has left, so that it is refused when it runs by itself.
func (s *Sharing) answer(
	ctx context.Context, r *received, mediaType string, limit time.Duration, run func(context.Context) *answer,
) *answer {
	var room [1 << 10]byte // on the stack: most requests fit, and those that join others allocate no key
	key := s.key(ctx, room[:0], r, mediaType)
	a, shared, err := s.flights.DoHere(ctx, key, limit, func(ctx context.Context) (*answer, error) {
		return run(ctx), nil
	})
	if shared && err == nil && (a.status == http.StatusTooManyRequests || !s.charged(ctx, a.items)) {
		return nil
	}
	if shared {
		telemetry.RecordOf(ctx).Shared()
	}
	switch {
	case err == nil:
		return a
	case ctx.Err() != nil:
		return unanswered(ctx).answer(mediaType)
	}
	return refusedPanic.answer(mediaType)
}

// key appends what equal requests have in common. The length in front of each part tells where the next one begins.
func (s *Sharing) key(ctx context.Context, b []byte, r *received, mediaType string) []byte {
	method := "POST"
	if r.get {
		method = "GET"
	}
	for _, part := range [...]string{s.identity(ctx), method, mediaType, r.named} {
		b = append(strconv.AppendInt(b, int64(len(part)), 10), ' ')
		b = append(b, part...)
	}
	return append(b, r.text...)
}

// charged charges a caller for a run that another one started.
func (s *Sharing) charged(ctx context.Context, items int) bool {
	return s.charge == nil || items == 0 || s.charge(ctx, items)
}
