// Package breaker keeps an outage of a service cheap: a circuit breaker holds requests back while most of them fail,
// and a budget holds back retries.
package breaker

import (
	"errors"
	"log/slog"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	// A breaker opens when half of at least minJudged requests failed within window, and lets one request through after
	// Pause.
	window    = 10 * time.Second
	minJudged = 20
	// Pause is how long a breaker stays open.
	Pause = 5 * time.Second
)

// Outcome is what the end of a request says of the service.
type Outcome int

// The outcomes.
const (
	Succeeded Outcome = iota
	Failed
	Unknown // it was not sent, or its caller left
)

var (
	errFailed  = errors.New("failed")
	errUnknown = errors.New("unknown")
	outcomes   = [...]error{Succeeded: nil, Failed: errFailed, Unknown: errUnknown}
)

// Breaker is a circuit breaker. It is safe for concurrent use.
type Breaker struct {
	circuit *gobreaker.TwoStepCircuitBreaker[struct{}]
}

// New returns a closed breaker. It logs each change under the name of the service.
func New(service string, log *slog.Logger) *Breaker {
	return &Breaker{gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Interval: window, BucketPeriod: time.Second, Timeout: Pause, MaxRequests: 1,
		ReadyToTrip: mostFail,
		IsExcluded:  func(err error) bool { return errors.Is(err, errUnknown) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			log.Warn(service+" circuit breaker changed", slog.String("from", from.String()), slog.String("to", to.String()))
		},
	})}
}

func mostFail(counts gobreaker.Counts) bool {
	judged := counts.TotalSuccesses + counts.TotalFailures
	return judged >= minJudged && 2*counts.TotalFailures >= judged
}

// State is "closed", "open" or "half-open".
func (b *Breaker) State() string { return b.circuit.State().String() }

// Open reports whether no request gets through.
func (b *Breaker) Open() bool { return b.circuit.State() == gobreaker.StateOpen }

// Try is a request that was let through.
type Try struct{ done func(error) }

// Report is to be called once, with what the end of the request says.
func (t Try) Report(o Outcome) { t.done(outcomes[o]) }

// Allow reports whether a request may be sent.
func (b *Breaker) Allow() (Try, bool) {
	done, err := b.circuit.Allow()
	return Try{done}, err == nil
}
