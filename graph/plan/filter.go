package plan

import (
	"portico/graph/model"
	"portico/threatintel"
)

// Filter is what Portico filters and sorts a list of ports by, since Microsoft Graph cannot.
type Filter struct {
	// Where are the conditions, nil if there are none.
	Where *model.HostPortFilter
	// OrderBy is a property and a direction, such as "lastSeenDateTime desc"; empty for the order of Microsoft Graph.
	OrderBy string
}

// PortFilter reads the argument `where`.
func PortFilter(where map[string]any) *model.HostPortFilter {
	f := &model.HostPortFilter{
		Status:   listOf(where["status"], asText[threatintel.HostPortStatus]),
		Protocol: listOf(where["protocol"], asText[threatintel.HostPortProtocol]),
		Port:     listOf(where["port"], func(item any) int32 { n, _ := item.(int64); return int32(n) }), //nolint:gosec // an Int has 32 bits
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
