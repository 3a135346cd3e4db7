package threatintel_test

import (
	"strings"
	"testing"

	"portico/threatintel"
)

func TestRangesOfTime(t *testing.T) {
	t.Parallel()
	day := func(from, to string) threatintel.Range {
		r, err := threatintel.Between(from, to)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	november := day("2026-11-01", "2026-11-30")
	for _, row := range []struct {
		what        string
		r           threatintel.Range
		first, last threatintel.DateTime
		want        bool
	}{
		{"inside", november, "2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z", true},
		{"around", november, "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z", true},
		{"over the start", november, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", true},
		{"over the end", november, "2026-11-30T23:59:59.999Z", "2027-01-01T00:00:00Z", true},
		{"before", november, "2026-10-01T00:00:00Z", "2026-10-31T23:59:59.999Z", false},
		{"after", november, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z", false},
		{"only a first sighting, before", november, "2026-10-01T00:00:00Z", "", false},
		{"only a first sighting, inside", november, "2026-11-02T00:00:00Z", "", true},
		{"only a last sighting, after", november, "", "2026-12-01T00:00:00Z", false},
		{"never", november, "", "", false},
		{"a single instant", day("2026-11-01T12:00:00Z", "2026-11-01T12:00:00Z"), "2026-11-01T12:00:00Z", "", true},
		{"since a day", threatintel.Since("2026-11-02"), "2026-11-02T00:00:00Z", "", true},
		{"before a day", threatintel.Since("2026-11-02"), "2026-11-01T23:59:59.999Z", "", false},
		{"never, since a day", threatintel.Since("2026-11-02"), "", "", false},
	} {
		if got := row.r.Overlaps(row.first.Time(), row.last.Time()); got != row.want {
			t.Errorf("%s: %v", row.what, got)
		}
	}
	if _, err := threatintel.Between("2026-11-02", "2026-11-01"); err == nil || !strings.Contains(err.Error(), "2026-11-02 and 2026-11-01") {
		t.Errorf("a range that ends before it starts: %v", err)
	}
	if _, err := threatintel.Between("2026-11-01T10:00:00Z", "2026-11-01"); err != nil {
		t.Errorf("a range to the end of its day: %v", err)
	}
}
