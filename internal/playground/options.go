package playground

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
)

// Options say what the page has to know of the server. The content security policy allows no inline script, so they are
// attributes of the html element.
type Options struct {
	// Endpoint is the path of the GraphQL API on the same server.
	Endpoint string
	// Emulator says that the emulator stands in for Microsoft Graph. The ready questions then ask about ids that it knows;
	// otherwise people fill in the ids.
	Emulator bool
	// Notes are announced above the page, whatever its state.
	Notes []string
	// Headers is what the Headers pane of every tab contains at first.
	Headers string
	// SignIn lets people sign in; the page may then send requests to the authority as well. Nil: they cannot.
	SignIn *SignIn
}

// SignIn says how people sign in with Microsoft Entra ID. None of it is secret.
type SignIn struct {
	// ClientID is the id of the page's own app registration, a single-page application.
	ClientID string `json:"clientId"`
	// Authority is the base URL of Microsoft Entra ID with the tenant.
	Authority string `json:"authority"`
	// Issuer is the issuer of the tokens.
	Issuer string `json:"issuer"`
	// Scopes are requested for access tokens, each with its resource.
	Scopes []string `json:"scopes"`
}

// What the page's source has in the places that the server fills.
const (
	endpointMark = `data-endpoint="/graphql"`
	emulatorMark = `data-emulator="false"`
	notesMark    = `<div id="notes"></div>`
)

// authority returns what the content security policy admits beside this server: a space and the origin to sign in at.
func (o Options) authority() string {
	if o.SignIn == nil {
		return ""
	}
	u, err := url.Parse(o.SignIn.Authority)
	if err != nil {
		return "" // the page cannot sign in, and nothing else is admitted
	}
	return " " + u.Scheme + "://" + u.Host
}

// attributes are those of the html element that depend on the server's settings.
func (o Options) attributes() string {
	text := `data-endpoint="` + html.EscapeString(o.Endpoint) + `"`
	if o.Headers != "" {
		text += ` data-headers="` + html.EscapeString(o.Headers) + `"`
	}
	if o.SignIn != nil {
		encoded, _ := json.Marshal(o.SignIn) // strings can be encoded
		text += ` data-sign-in="` + html.EscapeString(string(encoded)) + `"`
	}
	return text
}

// errOutdated says that the page was built by another version of the source, as happens after a change of branch.
var errOutdated = errors.New("the page is of another version")

// filled is the content of the page with the options written into it.
func (o Options) filled(files fs.FS, file string) (content, error) {
	gzipped, err := embedded(files, file)
	if err != nil {
		return content{}, err
	}
	plain, err := gzipped.read(false)
	if err != nil {
		return content{}, err
	}
	text, err := io.ReadAll(plain)
	if err != nil {
		return content{}, err
	}
	for mark, value := range map[string]string{
		endpointMark: o.attributes(),
		emulatorMark: `data-emulator="` + strconv.FormatBool(o.Emulator) + `"`,
		notesMark:    announced(o.Notes),
	} {
		if !bytes.Contains(text, []byte(mark)) {
			return content{}, errOutdated
		}
		text = bytes.Replace(text, []byte(mark), []byte(value), 1)
	}
	return zip(text), nil
}

// announced is HTML for the notes: a banner that needs no script, so that it is there before the page is, too.
func announced(notes []string) string {
	var b strings.Builder
	for _, note := range notes {
		fmt.Fprintf(&b, `<p role="note" class="portico-banner">%s</p>`, html.EscapeString(note))
	}
	return b.String()
}
