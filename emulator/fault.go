package emulator

import (
	"net/http"
	"time"
)

// A Fault is something that goes wrong with the next requests that it matches. Make one with [TooManyRequests],
// [Failure] and their kin, narrow it with [Fault.On], [Fault.Matching] and [Fault.Times], and queue it with
// [Emulator.Fail].
type Fault struct {
	Kind    Kind          // which requests; [AnyResource] by default
	Match   string        // text that the URL has to contain; empty: any
	Count   int           // for how many requests; 0 is 1, negative is for ever
	Latency time.Duration // waits so long first, whatever else it does
	Effect  Effect        // what goes wrong; empty: nothing but the wait

	Status   int               // of the answer
	Code     string            // error code in the answer
	Message  string            // error message in the answer
	Claims   string            // for a claims challenge: JSON, sent in base64
	Header   map[string]string // further headers of the answer
	Text     string            // raw body, raw JSON of the patched property, or the address to redirect to
	Property string            // the property to patch, with dots into its value: "banners.0.timesObserved"
	Cut      string            // where a body ends: "17" bytes or "50%"
	Size     int64             // of a huge body, in bytes

	// RetryAfter is the text of that header: "2", "0.249", "soon". With "date+2s", "rfc850+2s" or "asctime+2s" it is a
	// date two seconds from then by the emulator's clock, in that one of HTTP's three forms. Empty: no header.
	RetryAfter string
}

// Kind tells which requests a fault matches.
type Kind string

// The kinds of request.
const (
	AnyResource Kind = ""      // a GET of an entity or a list, alone or in a batch
	LoneGet     Kind = "get"   // a GET that is not in a batch
	Batch       Kind = "batch" // POST /$batch as a whole
	Item        Kind = "item"  // one request inside a batch
	Token       Kind = "token" // a token request, to Entra ID or to the managed-identity endpoint
)

const (
	onGet   = LoneGet
	onBatch = Batch
	onItem  = Item
	onToken = Token
)

// Effect names what goes wrong.
type Effect string

// The effects. Those on an item of a batch that concern the connection concern the whole batch's.
const (
	EffectError             Effect = "error"               // an error in the form of the server that was asked
	EffectClaimsChallenge   Effect = "claims-challenge"    // 401 that asks for a token with certain claims
	EffectHTML              Effect = "html"                // a web page
	EffectBody              Effect = "body"                // Text as body
	EffectTorn              Effect = "torn"                // the true body ends at Cut, and so does its Content-Length
	EffectResetBefore       Effect = "reset"               // the connection ends before the headers
	EffectResetAfterHeaders Effect = "reset-after-headers" // … after the headers
	EffectResetMidBody      Effect = "reset-mid-body"      // … when the body is at Cut
	EffectStall             Effect = "stall"               // the body stops at Cut, and the connection stays open
	EffectHuge              Effect = "huge"                // a body of Size bytes
	EffectRedirect          Effect = "redirect"            // a redirection to Text
	EffectPatch             Effect = "patch"               // Property has Text, raw JSON or not, as its value
	EffectDuplicateItem     Effect = "duplicate-item"      // the item's id is answered twice, with different bodies
	EffectMissingItem       Effect = "missing-item"        // the item's id is not answered
	EffectUnaskedItem       Effect = "unasked-item"        // an id that was not asked is answered too
	EffectItemIDCase        Effect = "item-id-case"        // the item's id comes back in the other letter case
	EffectBase64Body        Effect = "base64-body"         // the item's body is base64 text
	EffectMissingBody       Effect = "missing-body"        // the item has no body
	EffectStatusAsString    Effect = "status-as-string"    // the item's status is a text
	EffectNextLinkLoop      Effect = "next-link-loop"      // the page's nextLink leads to the page itself
	EffectNextLinkHost      Effect = "next-link-host"      // the page's nextLink, if it has one, begins with Text
	EffectNextLinkForm      Effect = "next-link-form"      // the page's nextLink, if it has one, is written as Text says
	EffectPartial           Effect = "partial"             // the true answer with status 206 and Text as its Warning
	EffectEmptyPage         Effect = "empty-page"          // the page is empty, and its nextLink leads to what it lacks
)

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

// Times returns the fault for the next n requests; negative: for all.
func (f Fault) Times(n int) Fault {
	f.Count = n
	return f
}

// After returns the fault with a wait before it.
func (f Fault) After(d time.Duration) Fault {
	f.Latency = d
	return f
}

// WithHeader returns the fault with one more header in its answer.
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

// TooManyRequests is status 429 with that text as Retry-After; see [Fault] for dates, empty for none.
func TooManyRequests(retryAfter string) Fault {
	return Fault{Effect: EffectError, Status: http.StatusTooManyRequests, RetryAfter: retryAfter}
}

// Failure is an error of that status with the code and message usual for it.
func Failure(status int) Fault { return Fault{Effect: EffectError, Status: status} }

// Refusal is an error of that status with that code and message.
func Refusal(status int, code, message string) Fault {
	return Fault{Effect: EffectError, Status: status, Code: code, Message: message}
}

// ClaimsChallenge is the 401 of continuous access evaluation. Empty claims ask for a token issued from now on.
func ClaimsChallenge(claims string) Fault {
	return Fault{Effect: EffectClaimsChallenge, Status: http.StatusUnauthorized, Claims: claims}
}

// Slow is a wait before the true answer.
func Slow(d time.Duration) Fault { return Fault{Latency: d} }

// HTML is a web page with that status.
func HTML(status int) Fault { return Fault{Effect: EffectHTML, Status: status} }

// RawBody is that text as JSON body, whatever it is.
func RawBody(status int, text string) Fault {
	return Fault{Effect: EffectBody, Status: status, Text: text}
}

// Torn ends the true body at "17" bytes or "50%", as if it were whole.
func Torn(cut string) Fault { return Fault{Effect: EffectTorn, Cut: cut} }

// Reset ends the connection before the headers.
func Reset() Fault { return Fault{Effect: EffectResetBefore} }

// ResetAfterHeaders ends the connection after the headers.
func ResetAfterHeaders() Fault { return Fault{Effect: EffectResetAfterHeaders} }

// ResetMidBody ends the connection when the body is at "17" bytes or "50%".
func ResetMidBody(cut string) Fault { return Fault{Effect: EffectResetMidBody, Cut: cut} }

// Stall stops the body at "17" bytes or "50%" and leaves the connection open until the caller goes.
func Stall(cut string) Fault { return Fault{Effect: EffectStall, Cut: cut} }

// Huge is a JSON body of that many bytes.
func Huge(size int64) Fault { return Fault{Effect: EffectHuge, Status: http.StatusOK, Size: size} }

// Redirect sends the caller to another address.
func Redirect(status int, to string) Fault {
	return Fault{Effect: EffectRedirect, Status: status, Text: to}
}

// Patch replaces the value of a property in answers to URLs that contain match. raw is put there unread, so it may be
// no JSON at all; empty takes the property away. A property that is not in the answer stays away.
func Patch(match, property, raw string) Fault {
	return Fault{Effect: EffectPatch, Match: match, Property: property, Text: raw}
}

// NextLinkLoop makes a page's nextLink lead to that page itself.
func NextLinkLoop() Fault { return Fault{Effect: EffectNextLinkLoop} }

// NextLinkTo makes the nextLink of a page that has one lead to another server, "https://graph.example".
func NextLinkTo(base string) Fault { return Fault{Effect: EffectNextLinkHost, Text: base} }

// Partial is the true answer with status 206, and with that text as its Warning header.
func Partial(warning string) Fault { return Fault{Effect: EffectPartial, Text: warning} }

// EmptyPage is a page with no items, and a nextLink to those that it should have had.
func EmptyPage() Fault { return Fault{Effect: EffectEmptyPage} }

// ItemFault is one of the effects on an item's place in its batch, from [EffectDuplicateItem] to
// [EffectStatusAsString].
func ItemFault(effect Effect) Fault { return Fault{Kind: Item, Effect: effect} }
