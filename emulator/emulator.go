package emulator

import (
	"time"

	"portico/emulator/entra"
	"portico/emulator/odata"
	"portico/emulator/world"
)

// Emulator is an [http.Handler] that serves Microsoft Graph under /v1.0, Entra ID under its tenant, the
// managed-identity endpoint under /metadata and its own control routes under /_emulator. All methods are safe for
// concurrent use.
//
// It has the methods of its world (ids, entities and lists) and of its directory (tokens and applications).
type Emulator struct {
	*world.World
	*entra.Directory

	settings settings
	model    *odata.Model
	queries  odata.Cache
	pages    *pageSigner
	clock    *clock
	ids      *idSource
	faults   faultQueue
	log      requestLog
	early    ledger
}

// New returns an emulator. It does not listen: see [Start].
func New(opts ...Option) *Emulator {
	s := newSettings(opts)
	e := &Emulator{
		settings: s,
		model:    odata.NewModel(s.documented),
		pages:    newPageSigner(),
		clock:    &clock{source: s.now},
		ids:      newIDSource(),
		log:      requestLog{on: s.logRequests},
		early:    ledger{grace: s.grace, logger: s.logger},
	}
	e.queries.Rules = s.rules
	e.World = world.New(e.model, s.hosts, s.seed, s.documented)
	s.entra.Now, s.entra.NewID = e.clock.now, e.ids.next
	e.Directory = entra.New(s.entra)
	return e
}

// Now returns the time by the emulator's clock.
func (e *Emulator) Now() time.Time { return e.clock.now() }

// Advance moves the emulator's clock: forward, so that tokens expire, or back with a negative duration. Date headers,
// token lifetimes and Retry-After dates follow it.
func (e *Emulator) Advance(d time.Duration) { e.clock.moved.Add(int64(d)) }

// Fail queues faults. Each is taken by the next requests that it matches.
func (e *Emulator) Fail(faults ...Fault) { e.faults.add(faults) }

// ClearFaults drops all faults that are still queued.
func (e *Emulator) ClearFaults() { e.faults.clear() }

// PendingFaults returns the faults that are still queued, with the number of requests left to each.
func (e *Emulator) PendingFaults() []Fault { return e.faults.list() }

// Requests returns the last 10,000 requests to Microsoft Graph, oldest first.
func (e *Emulator) Requests() []Request { return e.log.list() }

// TokenRequests returns the number of token requests since the start or the last [Emulator.ResetLog], even if the
// request log is off.
func (e *Emulator) TokenRequests() int { return e.log.tokenCount() }

// TokenLog returns the last token requests, oldest first.
func (e *Emulator) TokenLog() []TokenRequest { return e.log.tokenList() }

// EarlyRequests returns the requests that came before the Retry-After that their sender had received was over, oldest
// first.
func (e *Emulator) EarlyRequests() []EarlyRequest { return e.early.list() }

// ResetLog empties the request log, the token requests and the list of early requests.
func (e *Emulator) ResetLog() {
	e.log.reset()
	e.early.reset()
}
