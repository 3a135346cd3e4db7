package emulator

import (
	"net/http"
	"time"
)

// A Fault is something that goes wrong with the next requests that it matches. Make one with [TooManyRequests],
// [Failure] and similar functions, narrow it with [Fault.On], [Fault.Matching] and [Fault.Times], and queue it with
// [Emulator.Fail].
type Fault struct {
	Kind    Kind          // which requests; [AnyResource] by default
	Match   string        // text that the URL must contain; empty: any URL
	Count   int           // number of requests; 0 is 1, negative is all
	Latency time.Duration // delay before anything else
	Effect  Effect        // what goes wrong; empty: only the delay

	// Until is a further delay of a request that is not in a batch: until the channel is closed. Only tests in the same
	// process can set it.
	Until <-chan struct{}

	Status   int               // of the response
	Code     string            // error code in the response
	Message  string            // error message in the response
	Claims   string            // for a claims challenge: JSON, sent in base64
	Header   map[string]string // more headers of the response
	Text     string            // raw body, raw JSON of the patched property, or the address to redirect to
	Property string            // the property to patch, with dots into its value: "banners.0.timesObserved"
	Cut      string            // where a body ends: "17" bytes or "50%"
	Size     int64             // of a huge body, in bytes

	// RetryAfter is the value of that header: "2", "0.249", "soon". With "date+2s", "rfc850+2s" or "asctime+2s" it is the
	// date two seconds later by the emulator's clock, in one of HTTP's three formats. Empty: no header.
	RetryAfter string
}

// A Kind selects the requests that a fault matches.
type Kind string

// The kinds of requests.
const (
	AnyResource Kind = ""      // a GET of an entity or a list, alone or in a batch
	LoneGet     Kind = "get"   // a GET that is not in a batch
	Batch       Kind = "batch" // POST /$batch as a whole
	Item        Kind = "item"  // one request inside a batch
	Token       Kind = "token" // a token request, to Entra ID or to the managed-identity endpoint
)

// An Effect is what goes wrong.
type Effect string

// The effects. If an item of a batch has one that concerns the connection, the whole batch is affected.
const (
	EffectError             Effect = "error"               // an error response in the form of Microsoft Graph or Entra ID
	EffectClaimsChallenge   Effect = "claims-challenge"    // 401 that requires a token with certain claims
	EffectHTML              Effect = "html"                // a web page
	EffectBody              Effect = "body"                // Text as body
	EffectTorn              Effect = "torn"                // the body ends at Cut, and Content-Length agrees with that
	EffectResetBefore       Effect = "reset"               // the connection ends before the headers
	EffectResetAfterHeaders Effect = "reset-after-headers" // … after the headers
	EffectResetMidBody      Effect = "reset-mid-body"      // … when the body is at Cut
	EffectStall             Effect = "stall"               // the body stops at Cut, and the connection stays open
	EffectHuge              Effect = "huge"                // a body of Size bytes
	EffectRedirect          Effect = "redirect"            // a redirect to Text
	EffectPatch             Effect = "patch"               // the value of Property is Text, which may be invalid JSON
	EffectDuplicateItem     Effect = "duplicate-item"      // two responses have the item's id, with different bodies
	EffectMissingItem       Effect = "missing-item"        // no response has the item's id
	EffectUnaskedItem       Effect = "unasked-item"        // one more response has an id that no item has
	EffectItemIDCase        Effect = "item-id-case"        // the item's id comes back in the other letter case
	EffectBase64Body        Effect = "base64-body"         // the item's body is base64 text
	EffectMissingBody       Effect = "missing-body"        // the item has no body
	EffectStatusAsString    Effect = "status-as-string"    // the item's status is a string
	EffectNextLinkLoop      Effect = "next-link-loop"      // the page's nextLink leads to the page itself
	EffectNextLinkHost      Effect = "next-link-host"      // the page's nextLink, if it has one, begins with Text
	EffectNextLinkForm      Effect = "next-link-form"      // the page's nextLink, if it has one, has the form Text
	EffectPartial           Effect = "partial"             // the usual response with status 206 and Text as its Warning
	EffectEmptyPage         Effect = "empty-page"          // the page has no items, and its nextLink leads to them
)

// onItemsOnly has the effects that make sense only on an item of a batch.
var onItemsOnly = map[Effect]bool{
	EffectDuplicateItem: true, EffectMissingItem: true, EffectUnaskedItem: true, EffectItemIDCase: true,
	EffectBase64Body: true, EffectMissingBody: true, EffectStatusAsString: true,
}

// On returns the fault for requests of that kind.
func (f Fault) On(k Kind) Fault {
	f.Kind = k
	return f
}

// Matching returns the fault for requests with that text in their URL, as sent.
func (f Fault) Matching(text string) Fault {
	f.Match = text
	return f
}

// Times returns the fault for the next n requests. Negative means all.
func (f Fault) Times(n int) Fault {
	f.Count = n
	return f
}

// After returns the fault with a delay before it.
func (f Fault) After(d time.Duration) Fault {
	f.Latency = d
	return f
}

// WithHeader returns the fault with one more header in its response.
func (f Fault) WithHeader(name, value string) Fault {
	header := map[string]string{name: value}
	for n, v := range f.Header {
		if n != name {
			header[n] = v
		}
	}
	f.Header = header
	return f
}

// TooManyRequests is status 429 with that value of Retry-After. See [Fault] for dates; empty means no header.
func TooManyRequests(retryAfter string) Fault {
	return Fault{Effect: EffectError, Status: http.StatusTooManyRequests, RetryAfter: retryAfter}
}

// Failure is an error with that status and the code and message that are usual for it.
func Failure(status int) Fault { return Fault{Effect: EffectError, Status: status} }

// Refusal is an error with that status, code and message.
func Refusal(status int, code, message string) Fault {
	return Fault{Effect: EffectError, Status: status, Code: code, Message: message}
}

// ClaimsChallenge is the 401 of continuous access evaluation. Without claims it requires a token that is issued later.
func ClaimsChallenge(claims string) Fault {
	return Fault{Effect: EffectClaimsChallenge, Status: http.StatusUnauthorized, Claims: claims}
}

// Slow is a delay before the usual response.
func Slow(d time.Duration) Fault { return Fault{Latency: d} }

// Held is the usual response, once the channel is closed.
func Held(until <-chan struct{}) Fault { return Fault{Until: until} }

// HTML is a web page with that status.
func HTML(status int) Fault { return Fault{Effect: EffectHTML, Status: status} }

// RawBody is that text as the body, with the content type of JSON.
func RawBody(status int, text string) Fault {
	return Fault{Effect: EffectBody, Status: status, Text: text}
}

// Torn ends the body after "17" bytes or "50%", as if it were complete.
func Torn(cut string) Fault { return Fault{Effect: EffectTorn, Cut: cut} }

// Reset ends the connection before the headers.
func Reset() Fault { return Fault{Effect: EffectResetBefore} }

// ResetAfterHeaders ends the connection after the headers.
func ResetAfterHeaders() Fault { return Fault{Effect: EffectResetAfterHeaders} }

// ResetMidBody ends the connection after "17" bytes or "50%" of the body.
func ResetMidBody(cut string) Fault { return Fault{Effect: EffectResetMidBody, Cut: cut} }

// Stall stops after "17" bytes or "50%" of the body, and leaves the connection open until the caller disconnects.
func Stall(cut string) Fault { return Fault{Effect: EffectStall, Cut: cut} }

// Huge is a JSON body with that many bytes.
func Huge(size int64) Fault { return Fault{Effect: EffectHuge, Status: http.StatusOK, Size: size} }

// Redirect is a redirect to another address.
func Redirect(status int, to string) Fault {
	return Fault{Effect: EffectRedirect, Status: status, Text: to}
}

// Patch replaces the value of a property in responses to URLs that contain match. raw is not checked, so it may be
// invalid JSON; empty removes the property. A property that is not in the response is not added.
func Patch(match, property, raw string) Fault {
	return Fault{Effect: EffectPatch, Match: match, Property: property, Text: raw}
}

// NextLinkLoop makes the nextLink of a page lead to that page.
func NextLinkLoop() Fault { return Fault{Effect: EffectNextLinkLoop} }

// NextLinkTo makes the nextLink of a page, if it has one, lead to another server, such as "https://graph.example".
func NextLinkTo(base string) Fault { return Fault{Effect: EffectNextLinkHost, Text: base} }

// Partial is the usual response with status 206 and that text as its Warning header.
func Partial(warning string) Fault { return Fault{Effect: EffectPartial, Text: warning} }

// EmptyPage is a page without items, and with a nextLink to the items that it should have had.
func EmptyPage() Fault { return Fault{Effect: EffectEmptyPage} }

// ItemFault is one of the effects on an item's place in its batch, from [EffectDuplicateItem] to
// [EffectStatusAsString].
func ItemFault(effect Effect) Fault { return Fault{Kind: Item, Effect: effect} }
