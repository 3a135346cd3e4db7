package threatintel_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
	"portico/threatintel"
)

func TestDateTime(t *testing.T) {
	for _, c := range []struct{ what, sent, want string }{
		{"UTC with two decimals", `"2023-08-09T23:18:21.00Z"`, `"2023-08-09T23:18:21.000Z"`},
		{"one decimal", `"2023-08-09T23:18:21.5Z"`, `"2023-08-09T23:18:21.500Z"`},
		{"no decimals", `"2023-08-09T23:18:21Z"`, `"2023-08-09T23:18:21.000Z"`},
		{"seven decimals", `"2023-02-28T00:00:19.6449999Z"`, `"2023-02-28T00:00:19.644Z"`},
		{"twelve decimals", `"2023-02-28T00:00:19.644999999999Z"`, `"2023-02-28T00:00:19.644Z"`},
		{"the last instant of a year is not rounded up", `"2022-12-31T23:59:59.9999999Z"`, `"2022-12-31T23:59:59.999Z"`},
		{"the first year", `"0001-01-01T00:00:00Z"`, `"0001-01-01T00:00:00.000Z"`},
		{"the first year, east of Greenwich", `"0001-01-01T00:00:00+01:00"`, `"0000-12-31T23:00:00.000Z"`},
		{"the last year", `"9999-12-31T23:59:59.9999999Z"`, `"9999-12-31T23:59:59.999Z"`},
		{"no zone is UTC", `"2023-08-09T23:18:21"`, `"2023-08-09T23:18:21.000Z"`},
		{"no zone, with decimals", `"2023-08-09T23:18:21.12"`, `"2023-08-09T23:18:21.120Z"`},
		{"another zone is converted to UTC", `"2023-08-10T01:18:21+02:00"`, `"2023-08-09T23:18:21.000Z"`},
		{"another zone with decimals", `"2023-08-10T01:18:21.1234567-00:30"`, `"2023-08-10T01:48:21.123Z"`},
		{"UTC as an offset", `"2023-08-09T23:18:21.5+00:00"`, `"2023-08-09T23:18:21.500Z"`},
		{"an unknown offset", `"2023-08-09T23:18:21-00:00"`, `"2023-08-09T23:18:21.000Z"`},
		{"lower case", `"2023-08-09t23:18:21.5z"`, `"2023-08-09T23:18:21.500Z"`},
		{"lower case with an offset", `"2023-08-10t01:18:21+02:00"`, `"2023-08-09T23:18:21.000Z"`},
		{"an hour of one digit", `"2023-08-09T3:18:21Z"`, `"2023-08-09T03:18:21.000Z"`},
		{"an hour of one digit with decimals", `"2023-08-09T3:18:21.25Z"`, `"2023-08-09T03:18:21.250Z"`},
		{"a decimal comma", `"2023-08-09T23:18:21,25Z"`, `"2023-08-09T23:18:21.250Z"`},
		{"a trailing space", `"2023-08-09T23:18:21Z "`, `"2023-08-09T23:18:21.000Z"`},
		{"the 29th of February of a leap year", `"2024-02-29T12:00:00Z"`, `"2024-02-29T12:00:00.000Z"`},
		{"null", `null`, `null`},
		{"the published example's month 17", `"2016-17-13T08:43:41.00Z"`, "invalid"},
		{"the year 10000 in UTC", `"9999-12-31T23:59:59-01:00"`, "invalid"},
		{"before the year 0 in UTC", `"0000-01-01T00:00:00+01:00"`, "invalid"},
		{"a year of five digits", `"12023-08-09T23:18:21Z"`, "invalid"},
		{"the 29th of February of another year", `"2023-02-29T12:00:00Z"`, "invalid"},
		{"hour 24", `"2023-08-09T24:00:00Z"`, "invalid"},
		{"a zone of 99 hours", `"2023-08-09T23:18:21+99:00"`, "invalid"},
		{"no seconds", `"2023-08-09T23:18Z"`, "invalid"},
		{"a point without decimals", `"2023-08-09T23:18:21.Z"`, "invalid"},
		{"empty text", `""`, "invalid"},
		{"null as text", `"null"`, "invalid"},
		{"a date alone", `"2023-08-09"`, "invalid"},
		{"a number", `1691623101`, "invalid"},
		{"an object", `{"dateTime":"2023-08-09T23:18:21Z"}`, "invalid"},
	} {
		t.Run(c.what, func(t *testing.T) {
			port, invalid, err := threatintel.HostPortByID("x", msgraph.Query{}).
				Decode([]byte(`{"lastSeenDateTime":`+c.sent+`,"id":"x"}`), msgraph.Asked{})
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "invalid" {
				want := []msgraph.Invalid{{Path: []string{"lastSeenDateTime"}, Raw: c.sent}}
				if diff := cmp.Diff(want, invalid); diff != "" {
					t.Error(diff)
				}
				c.want = "null"
			}
			var got strings.Builder
			port.LastSeenDateTime.MarshalGQL(&got)
			if got.String() != c.want {
				t.Errorf("got %s, want %s", got.String(), c.want)
			}
		})
	}
}

// received reads a text as Microsoft Graph sends it.
func received(d *threatintel.DateTime, text string) bool {
	value, err := json.Marshal(text)
	return err == nil && json.Unmarshal(value, d) == nil
}

func TestDateTimeArguments(t *testing.T) {
	t.Parallel()
	const format = "DateTime must be in RFC 3339 format, such as 2023-08-09T23:18:21Z, or a date such as 2023-08-09 (got %q)."
	for _, c := range []struct{ what, text, want, refusal string }{
		{"in UTC", "2023-08-09T23:18:21Z", "2023-08-09T23:18:21Z", ""},
		{"in UTC, in lower case", "2023-08-09t23:18:21z", "2023-08-09T23:18:21Z", ""},
		{"with decimals", "2023-08-09T23:18:21.1234567Z", "2023-08-09T23:18:21.1234567Z", ""},
		{"in another zone", "2023-08-10T01:18:21+02:00", "2023-08-09T23:18:21Z", ""},
		{"a date", "2023-08-09", "2023-08-09T00:00:00Z", ""},
		{"without an offset", "2023-08-09T23:18:21", "", `DateTime must have an offset, such as 2023-08-09T23:18:21Z for UTC or 2023-08-09T23:18:21+02:00 (got "2023-08-09T23:18:21").`},
		{"with decimals and without an offset", "2023-08-09T23:18:21.5", "", `DateTime must have an offset, such as 2023-08-09T23:18:21.5Z for UTC or 2023-08-09T23:18:21.5+02:00 (got "2023-08-09T23:18:21.5").`},
		{"with a blank for the T", "2023-08-09 23:18:21Z", "", fmt.Sprintf(format, "2023-08-09 23:18:21Z")},
		{"with blanks around", " 2023-08-09T23:18:21Z", "", fmt.Sprintf(format, " 2023-08-09T23:18:21Z")},
		{"with an hour of one digit", "2023-08-09T3:18:21Z", "", fmt.Sprintf(format, "2023-08-09T3:18:21Z")},
		{"with a comma", "2023-08-09T23:18:21,5Z", "", fmt.Sprintf(format, "2023-08-09T23:18:21,5Z")},
		{"without seconds", "2023-08-09T23:18Z", "", fmt.Sprintf(format, "2023-08-09T23:18Z")},
		{"an offset without a colon", "2023-08-09T23:18:21+0200", "", fmt.Sprintf(format, "2023-08-09T23:18:21+0200")},
		{"an impossible day", "2023-02-30T00:00:00Z", "", fmt.Sprintf(format, "2023-02-30T00:00:00Z")},
		{"an impossible date", "2023-02-30", "", fmt.Sprintf(format, "2023-02-30")},
		{"an impossible day without an offset", "2023-02-30T00:00:00", "", fmt.Sprintf(format, "2023-02-30T00:00:00")},
		{"a year that UTC has not", "0000-01-01T00:00:00+01:00", "", fmt.Sprintf(format, "0000-01-01T00:00:00+01:00")},
		{"nothing", "", "", fmt.Sprintf(format, "")},
	} {
		var got threatintel.DateTime
		refusal := ""
		if err := got.UnmarshalGQL(c.text); err != nil {
			refusal = err.Error()
		}
		if string(got) != c.want || refusal != c.refusal {
			t.Errorf("%s: got %q, %s", c.what, got, refusal)
		}
	}
}

// Whatever Microsoft Graph sends, texts have one form, and their order is the order of the instants.
func FuzzDateTime(f *testing.F) {
	for _, text := range []string{"2023-08-09T23:18:21.00Z", "2023-08-10t01:18:21,9999999+02:00", "0001-01-01T0:00:00", "9999-12-31T23:59:59.9999999Z"} {
		f.Add(text, "2023-08-09T23:18:21.5Z")
	}
	form := regexp.MustCompile(`^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"$`)
	f.Fuzz(func(t *testing.T, one, other string) {
		var a, b threatintel.DateTime
		if !received(&a, one) || !received(&b, other) || a == "" || b == "" {
			return
		}
		var x, y strings.Builder
		a.MarshalGQL(&x)
		b.MarshalGQL(&y)
		if !form.MatchString(x.String()) {
			t.Fatalf("%q became %s", one, x.String())
		}
		if a.Time().Before(b.Time()) && x.String() > y.String() {
			t.Errorf("%q is before %q, but %s is not before %s", one, other, x.String(), y.String())
		}
		var again threatintel.DateTime
		if err := again.UnmarshalGQL(strings.Trim(x.String(), `"`)); err != nil || !again.Time().Equal(a.Time().Truncate(time.Millisecond)) {
			t.Errorf("%q became %s, and that %s (%v)", one, x.String(), again, err)
		}
	})
}

func TestEnumerations(t *testing.T) {
	for _, c := range []struct{ sent, want string }{
		{"open", `"OPEN"`},
		{"OPEN", `"OPEN"`},
		{"filtered", `"FILTERED"`},
		{"closing", `"UNRECOGNIZED"`},
		{"unknown", `"UNKNOWN"`},
		{"UNKNOWNFUTUREVALUE", `"UNKNOWN"`},
		{"unrecognized", `"UNRECOGNIZED"`},
		{"unknownFutureValue", `"UNKNOWN"`},
		{"", "null"},
	} {
		t.Run(c.sent, func(t *testing.T) {
			var got strings.Builder
			threatintel.HostPortStatus(c.sent).MarshalGQL(&got)
			if got.String() != c.want {
				t.Errorf("got %s, want %s", got.String(), c.want)
			}
		})
	}
}

func TestAlternateNamesComeUnderTwoNames(t *testing.T) {
	for _, name := range []string{"alternateNames", "alternateName"} {
		body := `{"id":"x","sslVersion":"3","subject":{"` + name + `":["a.example","b.example"]}}`
		certificate, invalid, err := threatintel.SSLCertificateByID("x", msgraph.Query{}).Decode([]byte(body), msgraph.Asked{})
		if err != nil || len(invalid) > 0 {
			t.Fatal(invalid, err)
		}
		var got []string
		for _, text := range certificate.Subject.AlternateNames() {
			got = append(got, *text)
		}
		if diff := cmp.Diff([]string{"a.example", "b.example"}, got); diff != "" {
			t.Error(name, diff)
		}
	}
}
