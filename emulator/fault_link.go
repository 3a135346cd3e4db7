package emulator

import "strings"

// The forms of a nextLink that [NextLinkForm] makes. Each leads to the same page.
const (
	LinkParentheses = "parentheses" // the key stands in parentheses: hosts('contoso.com')/ports
	LinkCase        = "case"        // the path is in upper case, but for the key
	LinkPort        = "port"        // another port
	LinkGateway     = "gateway"     // the name and the prefix of a gateway
	LinkPath        = "path"        // no scheme and host
	LinkRelative    = "relative"    // relative to the API, with the key in parentheses
	LinkQuery       = "query"       // the query string alone
)

// NextLinkForm writes the nextLink of a page that has one in another form, LinkParentheses for example.
func NextLinkForm(form string) Fault { return Fault{Effect: EffectNextLinkForm, Text: form} }

// link returns a nextLink in the form that the fault asks for.
func (f *Fault) link(link string) string {
	if !f.is(EffectNextLinkForm) {
		return link
	}
	path, query, _ := strings.Cut(link, "?")
	_, resource, _ := strings.Cut(path, apiRoot)
	switch f.Text {
	case LinkParentheses:
		path = strings.TrimSuffix(path, resource) + parenthesised(resource)
	case LinkCase:
		path = strings.TrimSuffix(path, "/v1.0"+apiRoot+resource) + strings.ToUpper("/v1.0"+apiRoot) + upper(resource)
	case LinkPort:
		path = "https://graph.microsoft.com:8443/v1.0" + apiRoot + resource
	case LinkGateway:
		path = "https://gateway.example/graph/v1.0" + apiRoot + resource
	case LinkPath:
		path = "/v1.0" + apiRoot + resource
	case LinkRelative:
		path = parenthesised(resource)
	case LinkQuery:
		path = ""
	}
	return path + "?" + query
}

const apiRoot = "/security/threatIntelligence/"

// parenthesised writes set/key/list as set('key')/list.
func parenthesised(resource string) string {
	set, rest, below := strings.Cut(resource, "/")
	if !below {
		return resource
	}
	key, list, _ := strings.Cut(rest, "/")
	return set + "('" + strings.ReplaceAll(key, "'", "''") + "')/" + list
}

// upper writes set/key/list as SET/key/LIST.
func upper(resource string) string {
	set, rest, _ := strings.Cut(resource, "/")
	key, list, below := strings.Cut(rest, "/")
	if !below {
		return strings.ToUpper(resource)
	}
	return strings.ToUpper(set) + "/" + key + "/" + strings.ToUpper(list)
}
