package graph

import (
	"cmp"
	"strings"
	"time"

	"portico/threatintel"
)

// order compares by time of sight; what has none comes last.
func order(by string) func(a, b *threatintel.HostPort) int {
	property, direction, _ := strings.Cut(by, " ")
	return func(a, b *threatintel.HostPort) int {
		x, y := seenAt(a, property), seenAt(b, property)
		switch {
		case by == "":
			return 0
		case x.IsZero() || y.IsZero():
			return cmp.Compare(y.Unix(), x.Unix())
		case direction == "desc":
			return y.Compare(x)
		}
		return x.Compare(y)
	}
}

func seenAt(port *threatintel.HostPort, property string) time.Time {
	if property == "firstSeenDateTime" {
		return port.FirstSeenDateTime.Time()
	}
	return port.LastSeenDateTime.Time()
}
