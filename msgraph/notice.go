package msgraph

import (
	"net/http"
	"regexp"
	"strings"

	"portico/internal/redact"
	"portico/internal/shorten"
)

// maxNotice is the length of the text of a notice, in bytes.
const maxNotice = 200

// warningText finds the texts in a Warning header: code, agent and quoted text, and maybe a date (RFC 7234, section
// 5.5). The agent is left out: it is the name of a server.
var warningText = regexp.MustCompile(`(?:^|,)\s*[0-9]{3}\s+\S+\s+"((?:[^"\\]|\\.)*)"`)

// notice returns what a successful answer says about itself; nil for nothing.
func (a *answer) notice() *Notice {
	incomplete := a.status == http.StatusPartialContent
	if !incomplete && a.warning == "" {
		return nil
	}
	return &Notice{Incomplete: incomplete, Text: shorten.To(a.redact(redact.Text(textOfWarning(a.warning))), maxNotice)}
}

// textOfWarning returns the texts of a Warning header, or the header as it is if it does not have the form of one.
func textOfWarning(header string) string {
	found := warningText.FindAllStringSubmatch(header, -1)
	if found == nil {
		return header
	}
	texts := make([]string, len(found))
	for i, one := range found {
		texts[i] = strings.ReplaceAll(one[1], `\`, "")
	}
	return strings.Join(texts, "; ")
}
