package queries_test

import (
	"testing"

	"portico/internal/service/servicetest"
)

// A value that cannot be read makes the fields null that are computed from it, with one error each, and no others.
func TestComputedFieldsOfUnreadableValues(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.Put(t, "sslCertificates", `{"id":"bad","issueDateTime":"2023-03-09T18:56:17Z","expirationDateTime":"2016-17-13T08:43:41.00Z",
		"issuer":{"commonName":"a","address":{"city":7}},"subject":{"commonName":"a"}}`)
	s.Put(t, "articles", `{"id":"abcdef01","summary":{"content":["x"],"format":"text"},"body":{"content":"x","format":"asciidoc"}}`)
	a := s.Ask(t, `{ sslCertificate(id: "bad") { old: isExpired isSelfSigned validityDays issuer { commonName } } article(id: "abcdef01") { summary { text format } body { text } } }`)
	a.Want(t, `{"sslCertificate":{"old":null,"isSelfSigned":null,"validityDays":null,"issuer":{"commonName":"a"}},"article":{"summary":{"text":null,"format":"TEXT"},"body":{"text":null}}}`,
		"article.summary.text: UPSTREAM_INVALID_VALUE", "sslCertificate.isSelfSigned: UPSTREAM_INVALID_VALUE",
		"sslCertificate.old: UPSTREAM_INVALID_VALUE", "sslCertificate.validityDays: UPSTREAM_INVALID_VALUE")
	if len(a.Warnings) != 1 || a.Warnings[0].Raw != "asciidoc" || servicetest.PathText(a.Warnings[0].Path) != "article.body.text" {
		t.Errorf("warnings %+v", a.Warnings)
	}
}

// A field that is computed from several values has one error, however many of them cannot be read.
func TestAComputedFieldOfManyUnreadableValuesHasOneError(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.Put(t, "sslCertificates", `{"id":"bad","issuer":{"commonName":1.5,"surname":true,"address":{"city":[]}},"subject":"a"}`)
	s.Ask(t, `{ sslCertificate(id: "bad") { isSelfSigned again: isSelfSigned } }`).
		Want(t, `{"sslCertificate":{"isSelfSigned":null,"again":null}}`,
			"sslCertificate.again: UPSTREAM_INVALID_VALUE", "sslCertificate.isSelfSigned: UPSTREAM_INVALID_VALUE")
}
