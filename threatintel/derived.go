package threatintel

import (
	"strings"
	"time"

	"portico/internal/plaintext"
)

// Expired reports whether the certificate had expired at a time, nil if it has no expiration date.
func (c *SSLCertificate) Expired(at time.Time) *bool {
	if !c.ExpirationDateTime.isSet() {
		return nil
	}
	expired := c.ExpirationDateTime.Time().Before(at)
	return &expired
}

// Validity returns how many whole days the certificate is valid, from its issue on: fewer than 0 if it expired before
// that, nil if a date is missing.
func (c *SSLCertificate) Validity() *int32 {
	if !c.IssueDateTime.isSet() || !c.ExpirationDateTime.isSet() {
		return nil
	}
	const day = 24 * 60 * 60
	seconds := c.ExpirationDateTime.Time().Unix() - c.IssueDateTime.Time().Unix() // a Duration is too short for this
	days := seconds / day
	if seconds%day < 0 {
		days--
	}
	whole := int32(days) //nolint:gosec // years have four digits
	return &whole
}

// isSet reports whether there is an instant: neither null nor the first instant of the year 1, which stands for null in
// .NET.
func (d DateTime) isSet() bool { return !d.Time().IsZero() }

// SelfSigned reports whether the issuer and the subject have the same names; nil if either has none. The signature is
// not known.
func (c *SSLCertificate) SelfSigned() *bool {
	issuer, subject := c.Issuer.names(), c.Subject.names()
	if strings.Join(issuer, "") == "" || strings.Join(subject, "") == "" {
		return nil
	}
	same := strings.Join(issuer, "\n") == strings.Join(subject, "\n")
	return &same
}

// names returns the attributes of a distinguished name in the form in which they are compared (RFC 5280, section 7.1):
// without letter case and without additional white space. Alternate names are not part of it.
func (e *SSLCertificateEntity) names() []string {
	if e == nil {
		return nil
	}
	all := []*string{
		e.CommonName, e.Email, e.GivenName, e.Surname, e.OrganizationName, e.OrganizationUnitName, e.SerialNumber,
	}
	if a := e.Address; a != nil {
		all = append(all, a.Street, a.City, a.State, a.PostalCode, a.CountryOrRegion)
	}
	names := make([]string, 12)
	for i, name := range all {
		if name != nil {
			names[i] = strings.ToLower(strings.Join(strings.Fields(*name), " "))
		}
	}
	return names
}

// PlainText returns the content without its markup, nil if there is none or its format is not known.
func (c *FormattedContent) PlainText() *string {
	if c.Content == nil {
		return nil
	}
	var text string
	switch memberName(string(c.Format), contentFormats) {
	case "TEXT":
		text = plaintext.Clean(*c.Content)
	case "HTML":
		text = plaintext.HTML(*c.Content)
	case "MARKDOWN":
		text = plaintext.Markdown(*c.Content)
	default:
		return nil
	}
	return &text
}
