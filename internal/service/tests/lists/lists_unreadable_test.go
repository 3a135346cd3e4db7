package lists_test

import (
	"fmt"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

const badDate = `"firstSeenDateTime":"2016-17-13T08:43:41.00Z"`

// pageOfPorts is a page of ports with these members, numbered from 0.
func pageOfPorts(members ...string) string {
	ports := make([]string, len(members))
	for i, member := range members {
		ports[i] = fmt.Sprintf(`{"id":%q,"port":%d,%s}`, servicetest.PortID("192.0.2.1", i), i, member)
	}
	return `{"value":[` + strings.Join(ports, ",") + `]}`
}

// warnedOf returns the warnings with a code: the path, the end of the text, and the raw value.
func warnedOf(warnings []servicetest.Warning, named string) (all []string) {
	for _, w := range warnings {
		if w.Code == named {
			_, text, _ := strings.Cut(w.Message, " needs")
			all = append(all, servicetest.PathText(w.Path)+" "+text+" "+w.Raw)
		}
	}
	return all
}

// An item is not left out silently because a value that a condition reads could not be read. Null is silent.
func TestValuesOfConditionsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const since = `where: {firstSeenSince: "2000-01-01"}`
	const left, last = "Items that Portico left out although they may meet the conditions: ", "Items that come last because their date is unknown: "
	const good = `"firstSeenDateTime":"2021-01-01T00:00:00Z","status":"open"`
	many := strings.TrimSuffix(strings.Repeat(`{"timesObserved":"often"},`, 101), ",")
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	for _, row := range []struct {
		what, page, arguments string
		total, ports, warning string
	}{
		{
			"a bad date", pageOfPorts(good, badDate), since, "null", "[{0}]",
			"`firstSeenDateTime`). " + left + "1. 2016-17-13T08:43:41.00Z",
		},
		{"two bad dates", pageOfPorts(badDate, `"firstSeenDateTime":5`), since, "null", "[]", "`firstSeenDateTime`). " + left + "2. 2016-17-13T08:43:41.00Z"},
		{"no date", pageOfPorts(good, `"firstSeenDateTime":null`, `"status":"open"`), since, "1", "[{0}]", ""},
		{"a number for a member", pageOfPorts(good, `"status":7`), `where: {status: OPEN}`, "null", "[{0}]", "`status`). " + left + "1. 7"},
		{"a member that the schema does not have", pageOfPorts(good, `"status":"ajar"`), `where: {status: OPEN}`, "1", "[{0}]", ""},
		{"a text for a number", `{"value":[{"id":"x","port":"no"}]}`, `where: {port: 1}`, "null", "[]", "`port`). " + left + "1. no"},
		{"a number as a text", `{"value":[{"id":"x","port":"1"},{"id":"y","port":"2"}]}`, `where: {port: 1}`, "1", "[{1}]", ""},
		{
			"a bad text in an array", pageOfPorts(`"banners":[null,{"banner":5}]`), `where: {bannerContains: "a"}`, "null", "[]",
			"`banners.banner`). " + left + "1. 5",
		},
		{"a bad element", pageOfPorts(`"banners":[7]`), `where: {bannerContains: "a"}`, "null", "[]", "`banners`). " + left + "1. 7"},
		{"a bad array", pageOfPorts(`"banners":{}`), `where: {bannerContains: "a"}`, "null", "[]", "`banners`). " + left + "1. {}"},
		{"a bad text beside one that is enough", pageOfPorts(`"banners":[{"banner":5},{"banner":"a"}]`), `where: {bannerContains: "a"}`, "1", "[{0}]", ""},
		{
			"a bad name of a component", pageOfPorts(`"services":[{"component":{"id":"c","name":true}}]`), `where: {componentName: "a"}`, "null", "[]",
			"`services.component.name`). " + left + "1. true",
		},
		{"a bad component", pageOfPorts(`"services":[{"component":"c"}]`), `where: {componentName: "a"}`, "null", "[]", "`services.component`). " + left + "1. c"},
		{"a value that no condition reads", pageOfPorts(badDate, good), `where: {port: [0]}`, "1", "[{0}]", ""},
		{"another condition excludes the item", pageOfPorts(badDate, good), `where: {firstSeenSince: "2000-01-01", port: [1]}`, "1", "[{1}]", ""},
		{
			"a range that the other date is in", pageOfPorts(badDate + `,"lastSeenDateTime":"2021-01-01T00:00:00Z"`),
			`where: {seenBetween: {from: "2020-01-01", to: "2022-01-01"}}`, "1", "[{0}]", "",
		},
		{
			"a range that the other date is after", pageOfPorts(badDate + `,"lastSeenDateTime":"2023-01-01T00:00:00Z"`),
			`where: {seenBetween: {from: "2020-01-01", to: "2022-01-01"}}`, "null", "[]", "`firstSeenDateTime`). " + left + "1. 2016-17-13T08:43:41.00Z",
		},
		{"an item that is none", `{"value":[{"id":"x","port":1},"port"]}`, `where: {port: 1}`, "null", "[{1}]", left + "1. port"},
		{"an item without an id", `{"value":[{"id":"x","port":1},{"port":1}]}`, `where: {port: 1}`, "null", "[{1}]", "`id`). " + left + "1. "},
		{"a bad date to sort by", pageOfPorts(badDate, good), `orderBy: FIRST_SEEN_ASC`, "2", "[{1} {0}]", "`firstSeenDateTime`). " + last + "1. 2016-17-13T08:43:41.00Z"},
		{"no date to sort by", pageOfPorts(`"status":"open"`, good), `orderBy: FIRST_SEEN_ASC`, "2", "[{1} {0}]", ""},
		{"a bad date that the order does not read", pageOfPorts(badDate, good), `orderBy: LAST_SEEN_ASC`, "2", "[{0} {1}]", ""},
		{
			"bad dates to filter and to sort by", pageOfPorts(badDate, good+`,"lastSeenDateTime":5`), since + `, orderBy: LAST_SEEN_ASC`, "null", "[{1}]",
			"`firstSeenDateTime`). " + left + "1. " + last + "1. 2016-17-13T08:43:41.00Z",
		},
		{"more bad values than are listed", pageOfPorts(good, `"banners":[`+many+`],`+badDate), since, "null", "[{0}]", left + "1. "},
	} {
		s.Emulator.Fail(emulator.RawBody(200, row.page).Matching("/ports"))
		a := s.Askf(t, `{ host(id: "192.0.2.1") { ports(%s) { totalCount isTruncated nodes { port } } } } # %s`, row.arguments, row.what)
		s.Emulator.ClearFaults()
		ports := servicetest.Data[struct {
			Host struct {
				Ports struct {
					TotalCount  *int
					IsTruncated bool
					Nodes       []struct{ Port int }
				}
			}
		}](t, a).Host.Ports
		total := "null"
		if ports.TotalCount != nil {
			total = fmt.Sprint(*ports.TotalCount)
		}
		if got := fmt.Sprint(ports.Nodes); total != row.total || got != row.ports || ports.IsTruncated != (total == "null") {
			t.Errorf("%s: %s", row.what, a.Data)
		}
		warned := fmt.Sprint(warnedOf(a.Warnings, "UNREADABLE_VALUES"))
		if row.warning == "" && warned != "[]" || !strings.HasSuffix(warned, row.warning+"]") || strings.Count(warned, "host.ports") > 1 {
			t.Errorf("%s: warned %s, want %s", row.what, warned, row.warning)
		}
	}
}

// The warning comes whatever is selected of the list, wherever it is.
func TestAListWithUnreadableValuesAlwaysWarns(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	const where = `where: {firstSeenSince: "2000-01-01"}`
	for _, row := range []struct{ what, query, accept, want string }{
		{"nothing but the nodes", `{ host(id: "192.0.2.1") { ports(` + where + `) { nodes { port } } } }`, "", "[host.ports]"},
		{"edges", `{ host(id: "192.0.2.1") { ports(` + where + `) { edges { node { port } } } } }`, "", "[host.ports]"},
		{"no item", `{ host(id: "192.0.2.1") { ports(first: 0, ` + where + `) { pageInfo { hasNextPage } } } }`, "", "[host.ports]"},
		{"sorted alone", `{ host(id: "192.0.2.1") { ports(first: 0, orderBy: FIRST_SEEN_DESC) { pageInfo { hasNextPage } } } }`, "", "[host.ports]"},
		{
			"two aliases", `{ h: host(id: "192.0.2.1") { a: ports(` + where + `) { nodes { id } } b: ports(` + where + `) { t: totalCount } } }`, "",
			"[h.a h.b]",
		},
		{
			"in a deferred fragment", `{ host(id: "192.0.2.1") { id ... @defer { ports(` + where + `) { nodes { id } } } } }`, "multipart/mixed",
			"[host.ports]",
		},
	} {
		if row.accept == "" {
			row.accept = "application/json"
		}
		s.Emulator.Fail(emulator.RawBody(200, pageOfPorts(badDate)).Matching("/ports"))
		a := s.Send(t, servicetest.Operation{Query: row.query, Accept: row.accept})
		s.Emulator.ClearFaults()
		a.WantNoErrors(t)
		warnings := a.Warnings
		for _, part := range a.Parts {
			warnings = append(warnings, part.Extensions.Warnings...)
		}
		var paths []string
		for _, w := range warnings {
			if path := servicetest.PathText(w.Path); w.Code == "UNREADABLE_VALUES" {
				paths = append(paths, path)
			}
		}
		if got := fmt.Sprint(paths); got != row.want {
			t.Errorf("%s: warnings for %s, want %s", row.what, got, row.want)
		}
	}
}

// A time that is copied from a response finds its own item, and items with the same time in responses stay in their order.
func TestTimesAreComparedAsResponsesShowThem(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	page := pageOfPorts(
		`"firstSeenDateTime":"2021-01-01T00:00:00.1234567Z"`,
		`"firstSeenDateTime":"2021-01-01T00:00:00.1230001Z"`,
		`"firstSeenDateTime":"2021-01-01T00:00:00.1239999Z"`,
		`"firstSeenDateTime":"2021-01-01T00:00:00.124Z"`,
	)
	for _, row := range []struct{ arguments, want string }{
		{`where: {firstSeenSince: "2021-01-01T00:00:00.123Z"}`, "0 1 2 3"},
		{`where: {firstSeenSince: "2021-01-01T00:00:00.1239Z"}`, "0 1 2 3"},
		{`where: {firstSeenSince: "2021-01-01T00:00:00.124Z"}`, "3"},
		{`where: {seenBetween: {from: "2021-01-01T00:00:00.123Z", to: "2021-01-01T00:00:00.123Z"}}`, "0 1 2"},
		{`where: {seenBetween: {from: "2020-12-31", to: "2021-01-01T00:00:00.122Z"}}`, ""},
		{`orderBy: FIRST_SEEN_ASC`, "0 1 2 3"},
		{`orderBy: FIRST_SEEN_DESC`, "3 0 1 2"},
	} {
		s.Emulator.Fail(emulator.RawBody(200, page).Matching("/ports"))
		a := s.Askf(t, `{ host(id: "192.0.2.1") { ports(%s) { nodes { port } } } }`, row.arguments)
		s.Emulator.ClearFaults()
		a.WantNoErrors(t)
		nodes := servicetest.Data[struct {
			Host struct {
				Ports struct{ Nodes []struct{ Port int } }
			}
		}](t, a).Host.Ports.Nodes
		if got := strings.NewReplacer("[", "", "]", "", "{", "", "}", "").Replace(fmt.Sprint(nodes)); got != row.want {
			t.Errorf("%s: ports %s, want %s", row.arguments, got, row.want)
		}
	}
}

// The warning about a list that is not whole says why, and such a list has no count.
func TestWhyAListIsTruncated(t *testing.T) {
	t.Parallel()
	const longer, partial = "This list is longer than Portico reads", "Microsoft Graph did not return all of this list"
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	host := s.Emulator.HostIDs()[0]
	for _, row := range []struct {
		what  string
		ports int
		fault emulator.Fault
		want  string
	}{
		{"the whole list", 150, emulator.Slow(0), ""},
		{"a warning that does not say that items are missing", 150, emulator.Slow(0).WithHeader("Warning", `199 - "stale"`), ""},
		{"more than four pages", 401, emulator.Slow(0), longer},
		{"an incomplete page", 150, emulator.Partial(`199 - "x"`), partial},
		{"an incomplete second page", 150, emulator.Partial(`199 - "x"`).Matching("skip=100"), partial},
		{"a second page that is not found", 150, emulator.Failure(404).Matching("skip=100"), partial},
		{"empty pages", 150, emulator.EmptyPage().Times(4), partial},
	} {
		manyPorts(t, s, host, row.ports)
		if row.fault.Match == "" {
			row.fault = row.fault.Matching("/ports")
		}
		s.Emulator.Fail(row.fault)
		a := s.Askf(t, "{ host(id: %q) { ports(where: {status: OPEN}) { totalCount isTruncated } } } # %s", host, row.what)
		s.Emulator.ClearFaults()
		a.WantNoErrors(t)
		want := `{"host":{"ports":{"totalCount":null,"isTruncated":true}}}`
		if row.want == "" {
			want = `{"host":{"ports":{"totalCount":100,"isTruncated":false}}}`
		}
		if a.Data != want {
			t.Errorf("%s: %s", row.what, a.Data)
		}
		var text string
		for _, w := range a.Warnings {
			if w.Code == "LIST_TRUNCATED" {
				text += w.Message
			}
		}
		if !strings.HasPrefix(text, row.want) || (text == "") != (row.want == "") {
			t.Errorf("%s: warned %q, want %q", row.what, text, row.want)
		}
	}
}
