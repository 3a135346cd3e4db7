package incremental

import (
	"time"

	"portico/internal/gather"
)

// round gathers the parts that the parts of the round before defer.
type round = gather.Gathering[*Part]

// straggler is how long a round waits, since a part of the round before was executed last, for one that was not.
const straggler = 250 * time.Millisecond

// roundAfter returns the round of what a number of parts defer. It begins when all of them were executed.
func (d *delivery) roundAfter(parts int) *round {
	return &round{Missing: parts, Wait: straggler, Renew: true, Next: func(found []*Part, _ int) { d.beginRound(found) }}
}

// handIn adds what one part defers to a round.
func handIn(r *round, parts []*Part) {
	begun := r.HandIn(parts)
	for _, p := range parts {
		p.begun = begun
	}
}

// beginRound lets the parts of a round begin together. It runs for all of them: a panic costs what is requested
// together, which the resolvers then request themselves.
func (d *delivery) beginRound(parts []*Part) {
	if len(parts) == 0 {
		return
	}
	defer func() {
		if value := recover(); value != nil {
			_ = d.oc.Recover(d.life, value) // logged
		}
	}()
	next := d.roundAfter(len(parts))
	for _, p := range parts {
		p.next = next
	}
	d.schema.Begin(d.life, parts)
}
