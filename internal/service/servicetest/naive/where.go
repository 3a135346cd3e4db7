package naive

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"portico/internal/service/servicetest"
)

// reads are the paths that the conditions of lists read, by their names. The conditions on time are in dates.
var reads = map[string][]string{
	"status": {"status"}, "protocol": {"protocol"}, "port": {"port", "ports/port"}, "bannerContains": {"banners/banner"},
	"componentName": {"services/component/name"}, "name": {"name"}, "nameContains": {"name"}, "category": {"category"},
	"version": {"version"}, "domain": {"domain"}, "kind": {"kind"}, "value": {"value"}, "linkKind": {"linkKind"},
	"sha1": {"sslCertificate/sha1"}, "recordType": {"recordType"}, "idContains": {"id"},
	"subjectContains": {"subject/commonName"}, "issuerContains": {"issuer/commonName"}, "titleContains": {"title"},
	"tag": {"tags"}, "isFeatured": {"isFeatured"}, "source": {"source"}, "alias": {"aliases"}, "target": {"targets"},
	"countryOrRegion": {"countriesOrRegionsOfOrigin/code"},
}

// dates are the properties that the conditions on time read.
var dates = map[string][]string{
	"firstSeenSince": {"firstSeenDateTime"}, "lastSeenSince": {"lastSeenDateTime"}, "lastScanSince": {"lastScanDateTime"},
	"collectedSince": {"collectedDateTime"}, "issuedSince": {"issueDateTime"}, "updatedSince": {"lastUpdateDateTime"},
	"createdSince": {"createdDateTime"}, "lastUpdatedSince": {"lastUpdatedDateTime"},
	"firstActiveSince": {"firstActiveDateTime"}, "seenBetween": {"firstSeenDateTime", "lastSeenDateTime"},
	"expiresBetween": {"expirationDateTime"}, "registeredBetween": {"registrationDateTime"},
}

// PathsOf returns the paths of the properties that a condition reads, as in "services/component/name".
func PathsOf(condition string) []string { return slices.Concat(reads[condition], dates[condition]) }

// At returns the values at a path of an entity as JSON has them, through arrays and without null.
func At(value any, path string) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		var all []any
		for _, item := range value {
			all = append(all, At(item, path)...)
		}
		return all
	case map[string]any:
		name, rest, _ := strings.Cut(path, "/")
		return At(value[name], rest)
	}
	return []any{value}
}

// sifted returns the items that meet all conditions.
func sifted(items []map[string]any, where any) (kept []map[string]any) {
	conditions, _ := where.(map[string]any)
	for _, item := range items {
		all := true
		for name, wanted := range conditions {
			all = all && (wanted == nil || holds(item, name, wanted))
		}
		if all {
			kept = append(kept, item)
		}
	}
	return kept
}

func holds(item map[string]any, name string, wanted any) bool {
	if paths := dates[name]; paths != nil {
		return inTime(item, paths, wanted)
	}
	values, isList := wanted.([]any)
	if !isList {
		values = []any{wanted} // one stands for a list of one
	}
	for _, path := range reads[name] {
		for _, has := range At(item, path) {
			if slices.ContainsFunc(values, func(w any) bool { return same(name, fmt.Sprint(has), fmt.Sprint(w)) }) {
				return true
			}
		}
	}
	return false
}

// same compares a text as Microsoft Graph does where that filters, else in any letter case.
func same(name, has, wanted string) bool {
	switch {
	case name == "linkKind":
		return has == wanted
	case strings.HasSuffix(name, "Contains"):
		return strings.Contains(strings.ToLower(has), strings.ToLower(wanted))
	}
	return strings.EqualFold(has, wanted)
}

// inTime compares the times at the first and the last property with a time, or with a range.
func inTime(item map[string]any, paths []string, wanted any) bool {
	first, last := shown(item[paths[0]]), shown(item[paths[len(paths)-1]])
	if first.IsZero() {
		first = last
	}
	if last.IsZero() {
		last = first
	}
	if last.IsZero() {
		return false
	}
	limits, isRange := wanted.(map[string]any)
	if !isRange {
		return !last.Before(start(wanted))
	}
	to := start(limits["to"])
	if len(fmt.Sprint(limits["to"])) == len(time.DateOnly) {
		to = to.Add(24*time.Hour - 1)
	}
	return !first.After(to) && !last.Before(start(limits["from"]))
}

// shown reads a time as responses show it, cut to milliseconds.
func shown(text any) time.Time { return servicetest.Time(text).Truncate(time.Millisecond) }

// start reads a time; a date is the start of its day.
func start(text any) time.Time {
	if at := shown(text); !at.IsZero() {
		return at
	}
	at, _ := time.Parse(time.DateOnly, fmt.Sprint(text))
	return at
}

// sorted sorts items by a date, those without it last; equal ones keep their order.
func sorted(items []map[string]any, order string) []map[string]any {
	name, descending := strings.CutSuffix(order, "_DESC")
	property := properties[strings.TrimSuffix(name, "_ASC")]
	slices.SortStableFunc(items, func(a, b map[string]any) int {
		x, y := shown(a[property]), shown(b[property])
		switch {
		case x.IsZero() || y.IsZero():
			return boolean(x.IsZero()) - boolean(y.IsZero())
		case descending:
			return y.Compare(x)
		}
		return x.Compare(y)
	})
	return items
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// properties are what orders sort by.
var properties = map[string]string{
	"LAST_SEEN": "lastSeenDateTime", "FIRST_SEEN": "firstSeenDateTime", "CREATED": "createdDateTime",
	"LAST_UPDATED": "lastUpdatedDateTime", "LAST_UPDATE": "lastUpdateDateTime", "REGISTRATION": "registrationDateTime",
	"EXPIRATION": "expirationDateTime", "FIRST_ACTIVE": "firstActiveDateTime", "TITLE": "title", "HOST": "host/id",
}

// upstream returns $orderby for an order by which Microsoft Graph sorts a list; empty for the others.
func upstream(list string, order any) string {
	text, _ := order.(string)
	name, descending := strings.CutSuffix(text, "_DESC")
	name = strings.TrimSuffix(name, "_ASC")
	if !slices.Contains(sortable[list], name) {
		return ""
	}
	if descending {
		return properties[name] + " desc"
	}
	return properties[name] + " asc"
}

// sortable are the orders of the lists that Microsoft Graph sorts.
var sortable = map[string][]string{
	"hostPairs": seen, "parentHostPairs": seen, "childHostPairs": seen, "sslCertificates": seen, "passiveDns": seen,
	"whoisRecords": {"REGISTRATION", "EXPIRATION", "HOST"}, "intelligenceProfiles": {"TITLE"},
}

var seen = []string{"LAST_SEEN", "FIRST_SEEN"}
