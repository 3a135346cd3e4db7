package graph

import (
	"context"
	"slices"
	"strconv"

	"portico/graph/model"
	"portico/graph/plan"
	"portico/msgraph"
	"portico/threatintel"
)

// filteredPorts resolves a list of ports that Portico filters and sorts, since Microsoft Graph cannot: over a bounded
// number of pages, and it says when there were more.
func filteredPorts(ctx context.Context, page plan.Page, hostID string) (*model.HostPortConnection, error) {
	all := operationOf(ctx).filters.ports(ctx, page, hostID)
	if all.err != nil || all.unknown {
		return nil, all.err
	}
	c := connectFiltered(ctx, page, all)
	reportInvalid(ctx, all.notices, page.Paths)
	reportInvalidPorts(ctx, page, c.Nodes, all.invalid)
	return c, nil
}

// filteredFrom returns what is left of a list that Portico filters, from the first item of the page on.
func (op *operation) filteredFrom(ctx context.Context, page plan.Page, hostID string) any {
	all := op.filters.ports(ctx, page, hostID)
	if all.err != nil || all.unknown {
		return nil
	}
	return &msgraph.List[*threatintel.HostPort]{Items: all.kept[min(page.After.Skip, len(all.kept)):]}
}

// connectFiltered makes a page of the ports that a list kept a connection.
func connectFiltered(ctx context.Context, page plan.Page, all *portList) *model.HostPortConnection {
	total := len(all.kept)
	c := connect(ctx, page, "", &msgraph.List[*threatintel.HostPort]{Items: all.kept[min(page.After.Skip, total):]})
	c.IsTruncated = all.truncated
	if count := int32(total); page.Counts && !all.truncated { //nolint:gosec // at most FilterPages pages
		c.TotalCount = &count
	}
	return c
}

// reportInvalidPorts reports the values of the returned ports that could not be read, with their paths in the response.
func reportInvalidPorts(ctx context.Context, page plan.Page, returned []*threatintel.HostPort, invalid []invalidPort) {
	for _, bad := range invalid {
		if i := slices.Index(returned, bad.port); i >= 0 && bad.port != nil {
			bad.value.Path = append([]string{"value", strconv.Itoa(i)}, bad.value.Path[2:]...)
			reportInvalid(ctx, []msgraph.Invalid{bad.value}, page.FromStart().Paths)
		}
	}
}
