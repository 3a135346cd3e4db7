package emulator

import (
	"net/url"
	"strconv"
	"strings"
)

// An option is one query option as it was given, decoded.
type option struct{ name, value string }

type givenOptions []option

func (g givenOptions) value(name string) (string, bool) {
	for _, o := range g {
		if o.name == name {
			return o.value, true
		}
	}
	return "", false
}

// A systemOption is a query option of OData: what has to be taken for it, and the name that a refusal gives it.
type systemOption struct {
	needs options
	name  string
}

var systemOptions = map[string]systemOption{
	"$select": {takesSelect, "Select"}, "$expand": {takesExpand, "Expand"}, "$filter": {takesFilter, "Filter"},
	"$orderby": {takesOrderBy, "OrderBy"}, "$top": {takesTop, "Top"}, "$skip": {takesSkip, "Skip"},
	"$count": {takesCount, "Count"}, "$search": {takesSearch, "Search"}, "$skiptoken": {takesTop, "SkipToken"},
	"$format": {name: "Format"}, "$apply": {name: "Apply"}, "$compute": {name: "Compute"},
	"$deltatoken": {name: "DeltaToken"}, "$levels": {name: "Levels"},
}

// queryOptions splits a raw query string and refuses what the row does not take.
func (r *row) queryOptions(raw string) (givenOptions, *graphError) {
	var given givenOptions
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return nil, badRequest("The query string is not encoded properly.")
		}
		if err := r.checkOption(name); err != nil {
			return nil, err
		}
		if _, twice := given.value(name); twice {
			return nil, badRequest("Query option '" + name +
				"' was specified more than once, but it must be specified at most once.")
		}
		given = append(given, option{name, value})
	}
	return given, nil
}

func (r *row) checkOption(name string) *graphError {
	o, known := systemOptions[name]
	switch {
	case !known:
		return badRequest("The query parameter '" + name + "' is not supported.")
	case o.needs&r.takes == 0:
		return optionNotAllowed(o.name)
	default:
		return nil
	}
}

func optionNotAllowed(option string) *graphError {
	return badRequest("The query specified in the URI is not valid. Query option '" + option + "' is not allowed. " +
		"To allow it, set the 'AllowedQueryOptions' property on EnableQueryAttribute or QueryValidationSettings.")
}

func queryInvalid(reason string) *graphError {
	return badRequest("The query specified in the URI is not valid. " + reason)
}

// encodeOptions writes the options as a query string, without the token of a page.
func encodeOptions(given givenOptions) string {
	var out strings.Builder
	for _, o := range given {
		if o.name == "$skiptoken" {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('&')
		}
		out.WriteString(o.name)
		out.WriteByte('=')
		out.WriteString(encodeOption.Replace(url.QueryEscape(o.value)))
	}
	return out.String()
}

// encodeOption takes back what a query may hold as it is.
var encodeOption = strings.NewReplacer("+", "%20", "%2C", ",", "%2F", "/", "%24", "$", "%3A", ":")

// listOptions are what is asked of a list, besides its members' shape.
type listOptions struct {
	top    int // 0 where none is given
	none   bool
	skip   int
	count  bool
	filter *filter
	order  []sortKey
	search *search
	token  string // of a later page
}

// parseList reads the options of lists.
func (r *row) parseList(l *listOptions, given givenOptions) *graphError {
	if _, ok := given.value("$search"); !ok && r.takes&needsSearch != 0 {
		return badRequest("Query option '$search' is required.")
	}
	for _, o := range given {
		if err := r.parseOption(l, o); err != nil {
			return err
		}
	}
	return nil
}

func (r *row) parseOption(l *listOptions, o option) (err *graphError) {
	switch o.name {
	case "$top":
		l.top, err = parseCount(o)
		l.none = l.top == 0
	case "$skip":
		l.skip, err = parseCount(o)
	case "$count":
		l.count, err = o.value == "true", parseBool(o)
	case "$filter":
		l.filter, err = r.parseFilter(o.value)
	case "$orderby":
		l.order, err = r.parseOrderBy(o.value)
	case "$search":
		l.search, err = r.parseSearch(o.value)
	case "$skiptoken":
		l.token = o.value
		if o.value == "" {
			err = errSkipToken
		}
	}
	return err
}

// parseCount reads the value of $top or $skip.
func parseCount(o option) (int, *graphError) {
	n, err := strconv.ParseInt(o.value, 10, 32)
	if err != nil || n < 0 || strings.HasPrefix(o.value, "+") {
		return 0, badRequest("Invalid value '" + o.value + "' for " + o.name + " query option found. The " + o.name +
			" query option requires a non-negative integer value.")
	}
	return int(n), nil
}

func parseBool(o option) *graphError {
	if o.value == "true" || o.value == "false" {
		return nil
	}
	return badRequest("Invalid value '" + o.value + "' for $count query option found. Valid values are 'true' or 'false'.")
}
