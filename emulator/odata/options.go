package odata

import (
	"net/url"
	"strconv"
	"strings"
)

// An option is one query option, decoded.
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

// A systemOption is a query option of OData: what an endpoint must take for it, and its name in error messages.
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

// split splits a raw query string, and refuses or ignores options that the endpoint does not take.
func (e *Endpoint) split(raw string, rules Rules) (givenOptions, *Error) {
	var given givenOptions
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return nil, BadRequest("The query string is not encoded properly.")
		}
		if err := e.checkOption(name); err != nil && !rules.IgnoreOptions {
			return nil, err
		} else if err != nil {
			continue
		}
		if _, twice := given.value(name); twice {
			return nil, BadRequest("Query option '" + name +
				"' was specified more than once, but it must be specified at most once.")
		}
		given = append(given, option{name, value})
	}
	return given, nil
}

func (e *Endpoint) checkOption(name string) *Error {
	o, known := systemOptions[name]
	switch {
	case !known:
		return BadRequest("The query parameter '" + name + "' is not supported.")
	case o.needs&e.takes == 0:
		return invalidQuery("Query option '" + o.name + "' is not allowed. To allow it, set the 'AllowedQueryOptions' " +
			"property on EnableQueryAttribute or QueryValidationSettings.")
	default:
		return nil
	}
}

// encode writes the options as a query string, without the token of a page.
func (g givenOptions) encode() string {
	var out strings.Builder
	for _, o := range g {
		if o.name == "$skiptoken" {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('&')
		}
		out.WriteString(o.name)
		out.WriteByte('=')
		out.WriteString(unescaped.Replace(url.QueryEscape(o.value)))
	}
	return out.String()
}

// unescaped restores characters that a query string may contain unescaped.
var unescaped = strings.NewReplacer("+", "%20", "%2C", ",", "%2F", "/", "%24", "$", "%3A", ":")

// parseNumber reads the value of $top or $skip.
func parseNumber(o option) (int, *Error) {
	n, err := strconv.ParseInt(o.value, 10, 32)
	if err != nil || n < 0 || strings.HasPrefix(o.value, "+") {
		return 0, BadRequest("Invalid value '" + o.value + "' for " + o.name + " query option found. The " + o.name +
			" query option requires a non-negative integer value.")
	}
	return int(n), nil
}

func parseBool(o option) (bool, *Error) {
	if o.value == "true" || o.value == "false" {
		return o.value == "true", nil
	}
	return false, BadRequest("Invalid value '" + o.value +
		"' for $count query option found. Valid values are 'true' or 'false'.")
}
