package limits

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Limits are all limits that can be set. Their tags say, once for flags, checks, --help and the documentation, how each
// is called, its default, and the least and the most that it may be. A zero field bounds nothing.
//
// A fragment counts wherever it is spread: what costs is the document with all fragments in place.
type Limits struct {
	Body             Bytes         `name:"body" group:"Limits" variable:"PORTICO_LIMIT_BODY" default:"256KiB" least:"1KiB" most:"64MiB" placeholder:"SIZE" help:"Size of a request's body, or of the query string of a GET."`
	Tokens           int           `name:"tokens" group:"Limits" variable:"PORTICO_LIMIT_TOKENS" default:"2500" least:"1" most:"100000" placeholder:"N" help:"Tokens in a document."`
	Fields           int           `name:"fields" group:"Limits" variable:"PORTICO_LIMIT_FIELDS" default:"250" least:"1" most:"100000" placeholder:"N" help:"Fields in one selection set."`
	Nodes            int           `name:"nodes" group:"Limits" variable:"PORTICO_LIMIT_NODES" default:"5000" least:"1" most:"100000" placeholder:"N" help:"Selections in a document, after expanding fragments."`
	Depth            int           `name:"depth" group:"Limits" variable:"PORTICO_LIMIT_DEPTH" default:"12" least:"1" most:"1000" placeholder:"N" help:"Depth of nested selection sets."`
	Aliases          int           `name:"aliases" group:"Limits" variable:"PORTICO_LIMIT_ALIASES" default:"60" least:"1" most:"100000" placeholder:"N" help:"Aliases in a document."`
	Directives       int           `name:"directives" group:"Limits" variable:"PORTICO_LIMIT_DIRECTIVES" default:"30" least:"1" most:"100000" placeholder:"N" help:"Directives in a document."`
	RootFields       int           `name:"root-fields" group:"Limits" variable:"PORTICO_LIMIT_ROOT_FIELDS" default:"60" least:"1" most:"100000" placeholder:"N" help:"Fields at the root of an operation."`
	Errors           int           `name:"errors" group:"Limits" variable:"PORTICO_LIMIT_ERRORS" default:"20" least:"1" most:"100000" placeholder:"N" help:"Errors in a response. If there are more, a final error says how many were omitted."`
	IDs              int           `name:"ids" group:"Limits" variable:"PORTICO_LIMIT_IDS" default:"100" least:"1" most:"100000" placeholder:"N" help:"Ids in a list argument."`
	Value            Bytes         `name:"value" group:"Limits" variable:"PORTICO_LIMIT_VALUE" default:"1KiB" least:"64" most:"64KiB" placeholder:"SIZE" help:"Size of a string in an argument. Ids and cursors have limits of their own."`
	Response         int           `name:"response" group:"Limits" variable:"PORTICO_LIMIT_RESPONSE" default:"250000" least:"1" most:"10000000" placeholder:"N" help:"Fields in the response to one operation, estimated before it is executed."`
	InFlight         int           `name:"in-flight" group:"Limits" variable:"PORTICO_LIMIT_IN_FLIGHT" default:"1000000" least:"1" most:"100000000" placeholder:"N" help:"Estimated fields in the responses to all operations in flight. Further operations get 503."`
	UpstreamRequests int           `name:"upstream-requests" group:"Limits" variable:"PORTICO_LIMIT_UPSTREAM_REQUESTS" default:"400" least:"1" most:"100000" placeholder:"N" help:"Requests to Microsoft Graph for one operation, counting each batch item."`
	Deadline         time.Duration `name:"deadline" group:"Limits" variable:"PORTICO_LIMIT_DEADLINE" default:"15s" least:"10ms" most:"10m" placeholder:"DURATION" help:"How long an operation may take."`
	Concurrency      int           `name:"concurrency" group:"Limits" variable:"PORTICO_LIMIT_CONCURRENCY" default:"256" least:"1" most:"1000" placeholder:"N" help:"Requests to Microsoft Graph in flight at a time. Portico starts with 16 and adapts to the service between 1 and this limit. Requests over the limit are queued."`
	Connections      int           `name:"connections" group:"Limits" variable:"PORTICO_LIMIT_CONNECTIONS" default:"1000" least:"1" most:"100000" placeholder:"N" help:"Connections from callers that are open at a time. At the limit, a new connection closes the one that has been idle longest."`
	CallerItems      int           `name:"caller-items" group:"Limits" variable:"PORTICO_LIMIT_CALLER_ITEMS" default:"30000" least:"1" most:"100000000" placeholder:"N" help:"Items that one authenticated caller may request of Microsoft Graph in a minute. An operation is charged its estimate before it starts, then adjusted to the actual cost."`
	RefusedTokens    int           `name:"refused-tokens" group:"Limits" variable:"PORTICO_LIMIT_REFUSED_TOKENS" default:"60" least:"1" most:"1000000" placeholder:"N" help:"Refused tokens from one address in a minute. After that, refused tokens get 429; valid tokens are unaffected."`
}

// Default returns the limits that hold unless others are set. They let fifty aliased lookups pass.
func Default() Limits {
	var l Limits
	value := reflect.ValueOf(&l).Elem()
	for field, target := range value.Fields() {
		n, err := ParseValue(field.Type, field.Tag.Get("default"))
		if err != nil {
			panic(fmt.Sprintf("the default of %s: %v", field.Name, err)) // every test would show it
		}
		target.SetInt(n)
	}
	return l
}

// WithoutDocument returns the limits without those of documents. Those of what a document requests remain.
func (l Limits) WithoutDocument() Limits {
	l.Tokens, l.Fields, l.Nodes, l.Depth, l.Aliases, l.Directives, l.RootFields = 0, 0, 0, 0, 0, 0, 0
	return l
}

// ParseValue reads a value, or a bound, of a limit: a number, a duration or a size, by the type of the field.
func ParseValue(of reflect.Type, text string) (int64, error) {
	switch of {
	case reflect.TypeFor[time.Duration]():
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, fmt.Errorf("must be a duration such as 15s or 1m30s (got %q)", text)
		}
		return int64(d), nil
	case reflect.TypeFor[Bytes]():
		return parseBytes(text)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("must be a whole number (got %q)", text)
	}
	return int64(n), nil
}

// Bytes is a size in bytes.
type Bytes int64

const (
	kibibyte = 1 << 10
	mebibyte = 1 << 20
)

// String returns the size in the largest unit that it is a whole number of.
func (b Bytes) String() string {
	switch {
	case b != 0 && b%mebibyte == 0:
		return strconv.FormatInt(int64(b/mebibyte), 10) + "MiB"
	case b != 0 && b%kibibyte == 0:
		return strconv.FormatInt(int64(b/kibibyte), 10) + "KiB"
	}
	return strconv.FormatInt(int64(b), 10)
}

func parseBytes(text string) (int64, error) {
	unit, number := int64(1), text
	if cut, found := strings.CutSuffix(text, "KiB"); found {
		unit, number = kibibyte, cut
	} else if cut, found := strings.CutSuffix(text, "MiB"); found {
		unit, number = mebibyte, cut
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("must be a size such as 256KiB, 1MiB or 65536 (got %q)", text)
	}
	return n * unit, nil
}
