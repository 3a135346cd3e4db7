package graph

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/graph/model"
	"portico/msgraph"
	"portico/threatintel"
)

// flaw is a value of a port that could not be read.
type flaw struct {
	port *threatintel.HostPort
	bad  msgraph.Invalid
}

// sifted answers a list of ports that Portico filters and sorts, since Microsoft Graph cannot: over a bounded number of
// pages, and it says when there were more.
func sifted(ctx context.Context, l listing, hostID string) (*model.HostPortConnection, error) {
	op := operationOf(ctx)
	all := op.sieve.ports(ctx, l, hostID)
	if all.err != nil || all.unknown {
		return nil, all.err
	}
	c := l.shownOf(ctx, all)
	l.tellFlaws(ctx, c.Nodes, all.flaws)
	if len(l.follows) > 0 {
		op.loader.Gather(op.planner.shown(l.fromStart(), &msgraph.List[*threatintel.HostPort]{Items: c.Nodes}))
	}
	return c, nil
}

// fromStart is the listing with nothing to drop: what is left is shown.
func (l listing) fromStart() listing {
	l.after = position{}
	return l
}

func flawsOf(ports []*threatintel.HostPort, invalid []msgraph.Invalid) (flaws []flaw) {
	for _, bad := range invalid {
		if len(bad.Path) < 2 {
			continue
		}
		if i, ok := index(bad.Path[1]); ok && i < len(ports) {
			flaws = append(flaws, flaw{ports[i], bad})
		}
	}
	return flaws
}

// tellFlaws reports what of the ports that are shown could not be read, where they stand now.
func (l listing) tellFlaws(ctx context.Context, shown []*threatintel.HostPort, flaws []flaw) {
	l = l.fromStart()
	for _, f := range flaws {
		if i := slices.Index(shown, f.port); i >= 0 && f.port != nil {
			f.bad.Path = append([]string{"value", strconv.Itoa(i)}, f.bad.Path[2:]...)
			tell(ctx, []msgraph.Invalid{f.bad}, l.paths)
		}
	}
}

// shownOf makes the connection of what a list kept.
func (l listing) shownOf(ctx context.Context, all *siftedPorts) *model.HostPortConnection {
	total := len(all.kept)
	c := connect(ctx, l, &msgraph.List[*threatintel.HostPort]{Items: all.kept[min(l.after.Skip, total):]})
	c.IsTruncated = all.truncated
	if count := int32(total); l.counting && !all.truncated { //nolint:gosec // at most siftPages pages
		c.TotalCount = &count
	}
	return c
}

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

// portFilter is the argument where, as it was read.
func portFilter(where map[string]any) *model.HostPortFilter {
	f := &model.HostPortFilter{
		Status: listOf(where["status"], asText[threatintel.HostPortStatus]), Protocol: listOf(where["protocol"], asText[threatintel.HostPortProtocol]),
		Port: listOf(where["port"], func(item any) int32 { n, _ := item.(int64); return int32(n) }), //nolint:gosec // an Int has 32 bits
	}
	if since, ok := where["seenSince"].(string); ok {
		at := threatintel.DateTime(since)
		f.SeenSince = &at
	}
	if text, ok := where["bannerContains"].(string); ok {
		f.BannerContains = &text
	}
	if name, ok := where["componentName"].(string); ok {
		f.ComponentName = &name
	}
	return f
}

func asText[T ~string](item any) T { text, _ := item.(string); return T(text) }

// listOf returns a list of a type: nil for null and for what is absent, and an empty one for an empty one.
func listOf[T any](value any, item func(any) T) []T {
	given, ok := value.([]any)
	if !ok {
		return nil
	}
	all := make([]T, len(given))
	for i, one := range given {
		all[i] = item(one)
	}
	return all
}
