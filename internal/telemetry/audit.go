package telemetry

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// maxEntities is how many entities one line of the audit log names.
const maxEntities = 500

// Audit is the log of who requested what: one JSON line for each GraphQL operation that was executed. A nil one writes
// nothing.
type Audit struct {
	mu sync.Mutex
	w  io.Writer
}

// NewAudit returns an audit log that is written to w, one write for each line.
func NewAudit(w io.Writer) *Audit { return &Audit{w: w} }

// auditLine is one operation. Its names are part of the contract with whoever reads the file.
type auditLine struct {
	Time      time.Time `json:"time"`
	Caller    string    `json:"caller,omitempty"`
	Document  string    `json:"document"`
	Operation string    `json:"operation,omitempty"`
	Entities  []string  `json:"entities"`
	Omitted   int       `json:"entities_omitted,omitempty"`
	Items     int       `json:"items"`
	Shared    bool      `json:"shared,omitempty"`
	Outcome   string    `json:"outcome"`
	Errors    int       `json:"errors,omitempty"`
	Status    int       `json:"status"`
}

// write writes the line of an executed operation, and nothing for other requests.
func (a *Audit) write(record *Record, status int, now time.Time) error {
	if a == nil {
		return nil
	}
	line, executed := record.audit(status, now)
	if !executed {
		return nil
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	_, err = a.w.Write(append(text, '\n'))
	return err
}

// An Execution is what the audit log says of an operation beside the caller and the cost.
type Execution struct {
	// Document is the SHA-256 of the document, in hexadecimal.
	Document string
	// Entities are the resources that were requested, such as hosts/192.0.2.1.
	Entities []string
	// Data reports whether the response has data.
	Data bool
}

// Entities sets the resources that an operation requested. Requests that share the operation read them.
func (r *Record) Entities(paths []string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entities = paths
}

// Requested returns what [Record.Entities] set.
func (r *Record) Requested() []string {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entities
}

// Executed notes an operation for the audit log.
func (r *Record) Executed(e Execution) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.execution = &e
}

// Audited reports whether an audit log waits for [Record.Executed].
func (r *Record) Audited() bool { return r != nil && r.audited }

// audit returns the line for the audit log; false if no operation was executed.
func (r *Record) audit(status int, now time.Time) (auditLine, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.execution == nil {
		return auditLine{}, false
	}
	line := auditLine{
		Time: now.UTC(), Caller: r.caller, Document: "sha256:" + r.execution.Document, Operation: r.operation,
		Entities: r.execution.Entities, Items: r.items, Shared: r.shared, Outcome: r.outcome(), Errors: r.errors,
		Status: status,
	}
	if len(line.Entities) > maxEntities {
		line.Omitted = len(line.Entities) - maxEntities
		line.Entities = line.Entities[:maxEntities]
	}
	if line.Entities == nil {
		line.Entities = []string{}
	}
	return line, true
}

func (r *Record) outcome() string {
	switch {
	case !r.execution.Data:
		return "failed"
	case r.errors > 0:
		return "partial"
	}
	return "ok"
}
