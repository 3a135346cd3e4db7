package threatintel_test

import (
	"testing"
	"time"

	"portico/msgraph"
	"portico/threatintel"
)

func show[T any](value *T) any {
	if value == nil {
		return nil
	}
	return *value
}

func TestExpiryAndValidity(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 3, 3, 18, 56, 17, 0, time.UTC)
	for _, c := range []struct {
		what, dates   string
		expired, days any
	}{
		{"both dates", `"issueDateTime":"2023-03-09T18:56:17Z","expirationDateTime":"2024-03-03T18:56:16Z"`, true, int32(359)},
		{"valid to the second", `"issueDateTime":"2023-03-04T18:56:17Z","expirationDateTime":"2024-03-03T18:56:17Z"`, false, int32(365)},
		{"one tick after", `"issueDateTime":"2024-03-03T18:56:17Z","expirationDateTime":"2024-03-03T18:56:17.0000001Z"`, false, int32(0)},
		{"another zone", `"expirationDateTime":"2024-03-03T20:56:16+02:00"`, true, nil},
		{"no expiration", `"issueDateTime":"2023-03-09T18:56:17Z","expirationDateTime":null`, nil, nil},
		{"no date", `"sha1":"x"`, nil, nil},
		{"no expiration, as .NET writes it", `"issueDateTime":"2023-03-09T18:56:17Z","expirationDateTime":"0001-01-01T00:00:00Z"`, nil, nil},
		{"an expiration that cannot be read", `"issueDateTime":"2023-03-09T18:56:17Z","expirationDateTime":"never"`, nil, nil},
		{"no well-defined expiration", `"issueDateTime":"2023-12-31T23:59:59Z","expirationDateTime":"9999-12-31T23:59:59Z"`, false, int32(2913174)},
		{"all of history", `"issueDateTime":"0001-01-02T00:00:00Z","expirationDateTime":"9999-12-31T23:59:59Z"`, false, int32(3652057)},
		{"expired before it was issued", `"issueDateTime":"2023-03-09T18:56:17Z","expirationDateTime":"2023-03-09T18:56:16Z"`, true, int32(-1)},
	} {
		t.Run(c.what, func(t *testing.T) {
			got, _, err := threatintel.SSLCertificateByID("x", msgraph.Query{}).Decode([]byte(`{"id":"x",`+c.dates+`}`), msgraph.Asked{})
			if err != nil {
				t.Fatal(err)
			}
			if expired, days := show(got.Expired(at)), show(got.Validity()); expired != c.expired || days != c.days {
				t.Errorf("expired %v, %v days, want %v, %v", expired, days, c.expired, c.days)
			}
		})
	}
}

func TestSelfSigned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, issuer, subject string
		want                  any
	}{
		{"the same names", `{"commonName":"a.example","organizationName":"A"}`, `{"commonName":"a.example","organizationName":"A"}`, true},
		{"other letters and blanks", `{"commonName":"A.example ","organizationName":"Major  Cobalt"}`, `{"commonName":"a.EXAMPLE","organizationName":"major cobalt"}`, true},
		{"alternate names do not count", `{"commonName":"a"}`, `{"commonName":"a","alternateNames":["b"]}`, true},
		{"null and empty are the same", `{"commonName":"a","surname":null,"address":{"city":""}}`, `{"commonName":"a","surname":""}`, true},
		{"another issuer", `{"commonName":"CA"}`, `{"commonName":"a.example"}`, false},
		{"another unit", `{"commonName":"a","organizationUnitName":"x"}`, `{"commonName":"a"}`, false},
		{"another city", `{"commonName":"a","address":{"city":"x"}}`, `{"commonName":"a","address":{"city":"y"}}`, false},
		{"a name in another attribute", `{"commonName":"a"}`, `{"organizationName":"a"}`, false},
		{"no issuer", `null`, `{"commonName":"a"}`, nil},
		{"no subject", `{"commonName":"a"}`, `null`, nil},
		{"nothing but empty names", `{"commonName":""}`, `{"commonName":" "}`, nil},
		{"a subject with only alternate names", `{"commonName":"CA"}`, `{"alternateNames":["a.example"]}`, nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			got, _, err := threatintel.SSLCertificateByID("x", msgraph.Query{}).Decode([]byte(`{"id":"x","issuer":`+c.issuer+`,"subject":`+c.subject+`}`), msgraph.Asked{})
			if err != nil {
				t.Fatal(err)
			}
			if self := show(got.SelfSigned()); self != c.want {
				t.Errorf("got %v, want %v", self, c.want)
			}
		})
	}
}

func TestPlainTextByFormat(t *testing.T) {
	t.Parallel()
	const content = "*a* <b>b</b> &amp;\u202e"
	text := content
	for format, want := range map[threatintel.ContentFormat]any{
		"text": "*a* <b>b</b> &amp;", "HTML": "*a* b &", "markdown": "a b &", "": nil, "unknownFutureValue": nil, "asciidoc": nil,
	} {
		if got := show((&threatintel.FormattedContent{Content: &text, Format: format}).PlainText()); got != want {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
	if got := (&threatintel.FormattedContent{Format: "text"}).PlainText(); got != nil {
		t.Errorf("no content: %q", *got)
	}
}
