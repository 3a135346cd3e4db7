package transport

import (
	"mime"
	"strconv"
	"strings"
)

// The media types that a response may have.
const (
	typeJSON      = "application/json"
	typeGraphQL   = "application/graphql-response+json"
	typeMultipart = "multipart/mixed"
)

// deferSpec is the version of incremental delivery that multipart answers follow: incremental payloads in an array,
// each with its path and label.
const deferSpec = "20220824"

// acceptance is what a client takes as an answer.
type acceptance struct {
	single      string // the media type of an answer in one piece; empty if the client takes none
	incremental bool   // whether it takes an answer in parts
}

// preference is how much a client wants one media type.
type preference struct {
	q           float64
	specificity int // 3 for the type itself, 2 for type/*, 1 for */*, 0 for none
	position    int
}

// offer takes a media range into account: the most specific one that matches decides (RFC 9110, section 12.5.1).
func (p *preference) offer(q float64, specificity, position int) {
	if specificity > p.specificity {
		*p = preference{q, specificity, position}
	}
}

// before reports whether p is wanted more than q is: by weight, then by how exactly it was named, then by order.
func (p preference) before(q preference) bool {
	switch {
	case p.q != q.q:
		return p.q > q.q
	case p.specificity != q.specificity:
		return p.specificity > q.specificity
	}
	return p.position < q.position
}

// negotiate reads the Accept header. A client that says nothing gets application/json, as the GraphQL over HTTP
// specification asks for clients that are older than its own media type.
func negotiate(accept []string) acceptance {
	header := strings.Join(accept, ",")
	switch header {
	case "", "*/*", typeJSON:
		return acceptance{single: typeJSON}
	case typeGraphQL:
		return acceptance{single: typeGraphQL}
	}
	var plain, graphql, parts preference
	position := 0
	for mediaRange := range ranges(header) {
		position++
		name, params, err := mime.ParseMediaType(mediaRange)
		if err != nil {
			continue
		}
		q, ok := weight(params)
		if !ok {
			continue
		}
		switch name {
		case "*/*":
			plain.offer(q, 1, position)
			graphql.offer(q, 1, position)
		case "application/*":
			plain.offer(q, 2, position)
			graphql.offer(q, 2, position)
		case typeJSON:
			plain.offer(q, 3, position)
		case typeGraphQL:
			graphql.offer(q, 3, position)
		case typeMultipart:
			if readsDeferSpec(params) {
				parts.offer(q, 3, position)
			}
		}
	}
	if position == 0 {
		return acceptance{single: typeJSON}
	}
	return acceptance{single: choose(plain, graphql), incremental: parts.q > 0}
}

func choose(plain, graphql preference) string {
	switch {
	case graphql.q > 0 && graphql.before(plain):
		return typeGraphQL
	case plain.q > 0:
		return typeJSON
	}
	return ""
}

// weight reads the parameter q; a range whose weight is not a number from 0 to 1 is ignored.
func weight(params map[string]string) (float64, bool) {
	text, ok := params["q"]
	if !ok {
		return 1, true
	}
	q, err := strconv.ParseFloat(text, 64)
	return q, err == nil && q >= 0 && q <= 1
}

// readsDeferSpec reports whether a client that takes multipart/mixed means the form of it that is spoken here: it
// names that one, or none at all, as GraphiQL does.
func readsDeferSpec(params map[string]string) bool {
	if _, newer := params["incrementalspec"]; newer {
		return false
	}
	spec, ok := params["deferspec"]
	return !ok || spec == deferSpec
}

// ranges yields the elements of a list header; a comma between quotes does not part them.
func ranges(header string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start, quoted := 0, false
		for i := 0; i <= len(header); i++ {
			switch {
			case i < len(header) && header[i] == '"':
				quoted = !quoted
			case i == len(header) || header[i] == ',' && !quoted:
				part := strings.TrimSpace(header[start:i])
				start = i + 1
				if part != "" && !yield(part) {
					return
				}
			}
		}
	}
}
