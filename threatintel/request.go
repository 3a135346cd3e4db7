package threatintel

import (
	"net/url"
	"strings"

	"portico/msgraph"
)

// Root is where all of the API lives, below the version.
const Root = "/security/threatIntelligence/"

// byID is the request for one entity of an entity set. The key is one escaped path segment, whatever it holds.
func byID[T any](set, id string, query msgraph.Query) msgraph.Request[*T] {
	return msgraph.Request[*T]{Lookup: lookup(set, id, query), Decode: msgraph.Entity[T]}
}

// ownedBy is the request for what lives below an entity.
func ownedBy[T any](set, id, property string, query msgraph.Query) msgraph.Request[*T] {
	return msgraph.Request[*T]{Lookup: below(set, id, property, query), Decode: msgraph.Entity[T]}
}

// listOf is the request for a list that lives below an entity.
func listOf[T any](set, id, property string, query msgraph.Query) msgraph.Request[*msgraph.List[*T]] {
	return msgraph.Request[*msgraph.List[*T]]{Lookup: below(set, id, property, query), Decode: msgraph.Collection[T]}
}

// all is the request for a list that lives at the root.
func all[T any](set string, query msgraph.Query) msgraph.Request[*msgraph.List[*T]] {
	return msgraph.Request[*msgraph.List[*T]]{
		Lookup: msgraph.Lookup{Path: Root + set, Query: query},
		Decode: msgraph.Collection[T],
	}
}

func below(set, id, property string, query msgraph.Query) msgraph.Lookup {
	owner := lookup(set, id, query)
	owner.Path += "/" + property
	return owner
}

func lookup(set, id string, query msgraph.Query) msgraph.Lookup {
	return msgraph.Lookup{Path: Root + set + "/" + segment(id), Query: query}
}

// segment escapes a key. url.PathEscape leaves "+" alone, which some servers read as a space, and whole-segment dots,
// which every server reads as a step in the path.
func segment(id string) string {
	if id == "." || id == ".." {
		return strings.ReplaceAll(id, ".", "%2E")
	}
	return strings.ReplaceAll(url.PathEscape(id), "+", "%2B")
}

// Endpoint is a path with its keys left out: "/security/threatIntelligence/hosts/{id}/ports".
func Endpoint(path string) string {
	var room [128]byte
	step, endpoint := 0, room[:0]
	for one := range strings.SplitSeq(path, "/") {
		if step > 0 {
			endpoint = append(endpoint, '/')
		}
		if step >= 4 && step%2 == 0 {
			one = "{id}"
		}
		endpoint = append(endpoint, one...)
		step++
	}
	return string(endpoint)
}
