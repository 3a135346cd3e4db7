package threatintel_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
	"portico/threatintel"
)

func TestDateTime(t *testing.T) {
	for _, c := range []struct{ what, sent, want string }{
		{"UTC stays as it is, letter for letter", `"2023-08-09T23:18:21.00Z"`, `"2023-08-09T23:18:21.00Z"`},
		{"seven decimals", `"2023-02-28T00:00:19.6440001Z"`, `"2023-02-28T00:00:19.6440001Z"`},
		{"the first year", `"0001-01-01T00:00:00Z"`, `"0001-01-01T00:00:00Z"`},
		{"no zone is UTC", `"2023-08-09T23:18:21"`, `"2023-08-09T23:18:21Z"`},
		{"another zone is turned into UTC", `"2023-08-10T01:18:21+02:00"`, `"2023-08-09T23:18:21Z"`},
		{"a trailing space", `"2023-08-09T23:18:21Z "`, `"2023-08-09T23:18:21Z"`},
		{"null", `null`, `null`},
		{"the published example's month 17", `"2016-17-13T08:43:41.00Z"`, "invalid"},
		{"null as text", `"null"`, "invalid"},
		{"a date alone", `"2023-08-09"`, "invalid"},
		{"a number", `1691623101`, "invalid"},
		{"an object", `{"dateTime":"2023-08-09T23:18:21Z"}`, "invalid"},
	} {
		t.Run(c.what, func(t *testing.T) {
			port, invalid, err := threatintel.HostPortByID("x", msgraph.Query{}).
				Decode([]byte(`{"lastSeenDateTime":` + c.sent + `,"id":"x"}`))
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

func TestEnumerations(t *testing.T) {
	for _, c := range []struct{ sent, want string }{
		{"open", `"OPEN"`},
		{"OPEN", `"OPEN"`},
		{"filtered", `"FILTERED"`},
		{"closing", `"UNKNOWN"`},
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
		certificate, invalid, err := threatintel.SSLCertificateByID("x", msgraph.Query{}).Decode([]byte(body))
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
