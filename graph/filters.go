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
	"portico/graph/plan"
	"portico/msgraph"
	"portico/threatintel"
)

// filters works out the lists of one operation that Portico filters and sorts. Equal ones are worked out once, under
// whatever aliases and for however many equal ids, and whichever page of them is returned.
type filters struct {
	pages
	lists  sync.Map     // of *portList, by list and query
	folded sync.Map     // banners in lower case, by *threatintel.HostPortBanner
	passes atomic.Int64 // how many lists were worked out
}

// portList holds all ports of a host that meet the conditions of a list, in its order.
type portList struct {
	once      sync.Once
	kept      []*threatintel.HostPort
	invalid   []invalidPort
	notices   []msgraph.Invalid // about the pages
	unknown   bool              // Microsoft Graph does not know the list
	truncated bool              // the host has more than Portico reads
	err       error
}

// invalidPort is a value of a port that could not be read.
type invalidPort struct {
	port  *threatintel.HostPort
	value msgraph.Invalid
}

var errUnfiltered = errors.New("a list was not filtered")

// ports returns the ports of a host that a list keeps.
func (f *filters) ports(ctx context.Context, page plan.Page, hostID string) *portList {
	found, _ := f.lists.LoadOrStore(string(page.Scope)+"\n"+page.Query.String(), &portList{err: errUnfiltered})
	all := found.(*portList) //nolint:forcetypeassert // nothing else is stored
	all.once.Do(func() {
		f.passes.Add(1)
		if all.err = all.read(ctx, f.pages, page, hostID); all.err == nil {
			all.err = f.apply(ctx, page.Filter, all)
		}
	})
	return all
}

// read reads the pages of a list, as many as are allowed.
func (all *portList) read(ctx context.Context, from pages, page plan.Page, hostID string) error {
	all.truncated = true
	for n := 0; n < plan.FilterPages && all.truncated; n++ {
		page.Query.Page.Skip = len(all.kept) // a page may be shorter than was requested
		list, invalid, _, err := readPage(ctx, from, threatintel.PortsOf, hostID, page.Query)
		if err != nil {
			return err
		}
		all.notices = append(all.notices, noticesIn(invalid)...)
		if list == nil {
			all.unknown = n == 0 // a list that ends while it is read is truncated
			return nil
		}
		all.kept, all.invalid = append(all.kept, list.Items...), append(all.invalid, invalidPorts(list.Items, invalid)...)
		if all.truncated = list.NextLink != ""; len(list.Items) == 0 {
			break
		}
	}
	return nil
}

// noticesIn returns what Microsoft Graph said about a whole response.
func noticesIn(invalid []msgraph.Invalid) (notices []msgraph.Invalid) {
	for _, one := range invalid {
		if one.Notice != nil {
			notices = append(notices, one)
		}
	}
	return notices
}

func invalidPorts(ports []*threatintel.HostPort, invalid []msgraph.Invalid) (all []invalidPort) {
	for _, value := range invalid {
		if len(value.Path) < 2 {
			continue
		}
		if i, ok := plan.Index(value.Path[1]); ok && i < len(ports) {
			all = append(all, invalidPort{ports[i], value})
		}
	}
	return all
}

// apply drops what does not meet the conditions, and sorts the rest. It ends with its context.
func (f *filters) apply(ctx context.Context, filter *plan.Filter, all *portList) error {
	holds := f.conditions(filter.Where)
	all.kept = slices.DeleteFunc(all.kept, func(port *threatintel.HostPort) bool {
		return port == nil || ctx.Err() != nil || !holds(port)
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	slices.SortStableFunc(all.kept, order(filter.OrderBy))
	return nil
}

// conditions returns whether a port meets all conditions. What depends on the conditions alone is worked out once.
func (f *filters) conditions(where *model.HostPortFilter) func(port *threatintel.HostPort) bool {
	if where == nil {
		return func(*threatintel.HostPort) bool { return true }
	}
	statuses, protocols := memberNames(where.Status), memberNames(where.Protocol)
	says, runs := f.says(where.BannerContains), runs(where.ComponentName)
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

// memberNames are members by their names in the schema: those that the schema does not know are all UNKNOWN.
func memberNames[M member](wanted []M) map[string]bool {
	names := make(map[string]bool, len(wanted))
	for _, m := range wanted {
		names[memberName(m)] = true
	}
	return names
}

func holdsMember[M member](names map[string]bool, has M) bool {
	return has != "" && len(names) > 0 && names[memberName(has)]
}

func memberName(m graphql.Marshaler) string {
	var b strings.Builder
	m.MarshalGQL(&b)
	return b.String()
}

// says returns whether a banner contains a text, in any letter case.
func (f *filters) says(text *string) func(*threatintel.HostPortBanner) bool {
	if text == nil {
		return nil
	}
	wanted := strings.ToLower(*text)
	return func(b *threatintel.HostPortBanner) bool {
		return b != nil && b.Banner != nil && strings.Contains(f.fold(b), wanted)
	}
}

// fold returns a banner in lower case, which the other lists of the operation need as well.
func (f *filters) fold(b *threatintel.HostPortBanner) string {
	if folded, ok := f.folded.Load(b); ok {
		return folded.(string) //nolint:forcetypeassert // nothing else is stored
	}
	folded := strings.ToLower(*b.Banner)
	f.folded.Store(b, folded)
	return folded
}

func runs(name *string) func(*threatintel.HostPortComponent) bool {
	return func(c *threatintel.HostPortComponent) bool {
		return c != nil && c.Inline != nil && c.Inline.Name != nil && strings.EqualFold(*c.Inline.Name, *name)
	}
}
