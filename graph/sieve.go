package graph

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"portico/graph/model"
	"portico/loaders"
	"portico/threatintel"
)

// sieve works out the lists of one operation that Portico filters and sorts. Equal ones are worked out once, under
// whatever aliases and for however many equal ids they stand, and whichever page of them is shown.
type sieve struct {
	lists  sync.Map     // of *siftedPorts, by list and query
	folded sync.Map     // banners in lower case, by *threatintel.HostPortBanner
	passes atomic.Int64 // how many lists were worked out
}

// siftedPorts are all ports of a host that meet the conditions of a list, in its order.
type siftedPorts struct {
	once      sync.Once
	kept      []*threatintel.HostPort
	flaws     []flaw
	unknown   bool // Microsoft Graph does not know the list
	truncated bool // the host has more than Portico reads
	err       error
}

var errUnsifted = errors.New("a list was not worked out")

// ports returns the ports of a host that a list keeps.
func (s *sieve) ports(ctx context.Context, l listing, hostID string) *siftedPorts {
	found, _ := s.lists.LoadOrStore(l.place+"\n"+l.query.String(), &siftedPorts{err: errUnsifted})
	all := found.(*siftedPorts) //nolint:forcetypeassert // nothing else is stored
	all.once.Do(func() {
		s.passes.Add(1)
		if all.err = all.read(ctx, l, hostID); all.err == nil {
			all.err = s.sift(ctx, l, all)
		}
	})
	return all
}

// read reads the pages of a list, as many as are allowed.
func (all *siftedPorts) read(ctx context.Context, l listing, hostID string) error {
	all.truncated = true
	for n := 0; n < siftPages && all.truncated; n++ {
		l.query.Page.Skip = len(all.kept) // a page may be shorter than was asked
		page, invalid, err := loaders.Get(ctx, threatintel.PortsOf(hostID, l.query))
		if err != nil {
			return err
		}
		if page == nil {
			all.unknown = n == 0 // a list that ends while it is read is truncated
			return nil
		}
		all.kept, all.flaws = append(all.kept, page.Items...), append(all.flaws, flawsOf(page.Items, invalid)...)
		if all.truncated = page.NextLink != ""; len(page.Items) == 0 {
			break
		}
	}
	return nil
}

// sift drops what does not meet the conditions, and sorts the rest. It ends with its context.
func (s *sieve) sift(ctx context.Context, l listing, all *siftedPorts) error {
	holds := s.conditions(l.where)
	all.kept = slices.DeleteFunc(all.kept, func(port *threatintel.HostPort) bool {
		return port == nil || ctx.Err() != nil || !holds(port)
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	slices.SortStableFunc(all.kept, order(l.sorted))
	return nil
}

// conditions returns whether a port meets all conditions. What depends on the conditions alone is worked out once.
func (s *sieve) conditions(where *model.HostPortFilter) func(port *threatintel.HostPort) bool {
	if where == nil {
		return func(*threatintel.HostPort) bool { return true }
	}
	statuses, protocols := shownMembers(where.Status), shownMembers(where.Protocol)
	says, runs := s.says(where.BannerContains), runs(where.ComponentName)
	return func(port *threatintel.HostPort) bool {
		return (where.Status == nil || holdsMember(statuses, port.Status)) &&
			(where.Protocol == nil || holdsMember(protocols, port.Protocol)) &&
			(where.Port == nil || (port.Port != nil && slices.Contains(where.Port, *port.Port))) &&
			(where.SeenSince == nil || !port.LastSeenDateTime.Time().Before(where.SeenSince.Time())) &&
			(where.BannerContains == nil || slices.ContainsFunc(port.Banners, says)) &&
			(where.ComponentName == nil || slices.ContainsFunc(port.Services, runs))
	}
}

// member is a member of an enumeration as Microsoft Graph wrote it.
type member interface {
	~string
	graphql.Marshaler
}

// shownMembers are members as they are shown: those that the schema does not know are all UNKNOWN.
func shownMembers[M member](wanted []M) map[string]bool {
	shown := make(map[string]bool, len(wanted))
	for _, m := range wanted {
		shown[shownAs(m)] = true
	}
	return shown
}

func holdsMember[M member](shown map[string]bool, has M) bool {
	return has != "" && len(shown) > 0 && shown[shownAs(has)]
}

func shownAs(m graphql.Marshaler) string {
	var b strings.Builder
	m.MarshalGQL(&b)
	return b.String()
}

// says returns whether a banner contains a text, in any letter case.
func (s *sieve) says(text *string) func(*threatintel.HostPortBanner) bool {
	if text == nil {
		return nil
	}
	wanted := strings.ToLower(*text)
	return func(b *threatintel.HostPortBanner) bool {
		return b != nil && b.Banner != nil && strings.Contains(s.fold(b), wanted)
	}
}

// fold returns a banner in lower case, which the other lists of the operation need as well.
func (s *sieve) fold(b *threatintel.HostPortBanner) string {
	if folded, ok := s.folded.Load(b); ok {
		return folded.(string) //nolint:forcetypeassert // nothing else is stored
	}
	folded := strings.ToLower(*b.Banner)
	s.folded.Store(b, folded)
	return folded
}

func runs(name *string) func(*threatintel.HostPortComponent) bool {
	return func(c *threatintel.HostPortComponent) bool {
		return c != nil && c.Inline != nil && c.Inline.Name != nil && strings.EqualFold(*c.Inline.Name, *name)
	}
}
