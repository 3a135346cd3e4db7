package graph

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"portico/graph/model"
	"portico/loaders"
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
	var seen []*threatintel.HostPort
	var flaws []flaw
	truncated := true
	for n := 0; n < siftPages && truncated; n++ {
		l.query.Page.Skip = len(seen) // a page may be shorter than was asked
		page, invalid, err := loaders.Get(ctx, threatintel.PortsOf(hostID, l.query))
		if err != nil {
			return nil, err
		}
		if page == nil { // the host is not known
			page = &msgraph.List[*threatintel.HostPort]{}
		}
		seen, flaws = append(seen, page.Items...), append(flaws, flawsOf(page.Items, invalid)...)
		if truncated = page.NextLink != ""; len(page.Items) == 0 {
			break
		}
	}
	c := sift(ctx, l, seen, truncated)
	l.tellFlaws(ctx, c.Nodes, flaws)
	op := operationOf(ctx)
	op.loader.Gather(op.planner.shown(l.fromStart(), &msgraph.List[*threatintel.HostPort]{Items: c.Nodes}))
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

// sift makes the connection of what was seen of a list.
func sift(ctx context.Context, l listing, seen []*threatintel.HostPort, truncated bool) *model.HostPortConnection {
	kept := slices.DeleteFunc(seen, func(port *threatintel.HostPort) bool { return port == nil || !holds(l.where, port) })
	slices.SortStableFunc(kept, order(l.sorted))
	total := len(kept)
	c := connect(ctx, l, &msgraph.List[*threatintel.HostPort]{Items: kept[min(l.after.Skip, total):]})
	c.IsTruncated = truncated
	if count := int32(total); l.counting && !truncated {
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

// holds reports whether a port meets all conditions.
func holds(where *model.HostPortFilter, port *threatintel.HostPort) bool {
	return where == nil || (holdsMember(where.Status, port.Status) && holdsMember(where.Protocol, port.Protocol) &&
		(where.Port == nil || (port.Port != nil && slices.Contains(where.Port, *port.Port))) &&
		(where.SeenSince == nil || !port.LastSeenDateTime.Time().Before(where.SeenSince.Time())) &&
		(where.BannerContains == nil || slices.ContainsFunc(port.Banners, says(*where.BannerContains))) &&
		(where.ComponentName == nil || slices.ContainsFunc(port.Services, runs(*where.ComponentName))))
}

// member is a member of an enumeration as Microsoft Graph wrote it.
type member interface {
	~string
	graphql.Marshaler
}

// holdsMember compares members as they are shown: those that the schema does not know are all UNKNOWN.
func holdsMember[M member](wanted []M, has M) bool {
	return wanted == nil || (has != "" && slices.ContainsFunc(wanted, func(w M) bool { return shownAs(w) == shownAs(has) }))
}

func shownAs(m graphql.Marshaler) string {
	var b strings.Builder
	m.MarshalGQL(&b)
	return b.String()
}

func says(text string) func(*threatintel.HostPortBanner) bool {
	text = strings.ToLower(text)
	return func(b *threatintel.HostPortBanner) bool {
		return b != nil && b.Banner != nil && strings.Contains(strings.ToLower(*b.Banner), text)
	}
}

func runs(name string) func(*threatintel.HostPortComponent) bool {
	return func(c *threatintel.HostPortComponent) bool {
		return c != nil && c.Inline != nil && c.Inline.Name != nil && strings.EqualFold(*c.Inline.Name, name)
	}
}
