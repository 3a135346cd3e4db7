package transport

import "sync/atomic"

const (
	// smallAnswer is the length, in bytes, up to which answers are not counted.
	smallAnswer = 64 << 10
	// maxOutgoing is how many bytes all longer answers of the process may have together while they are sent.
	maxOutgoing = 256 << 20
)

// outgoing counts the answers that are being sent. A client that does not read keeps its answer in memory until the
// connection's time is over, long after its operation has ended.
var outgoing = sending{most: maxOutgoing}

type sending struct {
	most  int64
	bytes atomic.Int64
}

// enter reports whether there is room for an answer of this length; if so, it is to leave when it is sent.
func (s *sending) enter(length int64) bool {
	if length <= smallAnswer {
		return true
	}
	if s.bytes.Add(length) > s.most {
		s.bytes.Add(-length)
		return false
	}
	return true
}

func (s *sending) leave(length int64) {
	if length > smallAnswer {
		s.bytes.Add(-length)
	}
}
