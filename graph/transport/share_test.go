package transport

import (
	"context"
	"testing"
)

// A document's name comes from the path, where it may hold anything, and what stands in one part of a request may look
// like the end of it and the beginning of the next.
func TestDifferentRequestsHaveDifferentKeys(t *testing.T) {
	t.Parallel()
	type request struct {
		identity, named, mediaType, text string
		get                              bool
	}
	for what, pair := range map[string][2]request{
		"a line feed in the name":    {{named: "a\n", text: "b"}, {named: "a", text: "\nb"}},
		"a space in the name":        {{named: "a ", text: "b"}, {named: "a", text: " b"}},
		"a length in the name":       {{named: "a1 b"}, {named: "a", text: "1 b"}},
		"the end of the identity":    {{identity: "app4 POST", mediaType: typeJSON}, {identity: "app", mediaType: typeJSON}},
		"another identity":           {{identity: "ada"}, {identity: "bob"}},
		"another method":             {{get: true}, {}},
		"another media type":         {{mediaType: typeJSON}, {mediaType: typeGraphQL}},
		"a name in place of a query": {{named: "a"}, {text: "a"}},
		"one byte of the body":       {{text: "{ a }"}, {text: "{ a}"}},
	} {
		key := func(r request) string {
			s := NewSharing(func(context.Context) string { return r.identity }, nil)
			return string(s.key(t.Context(), nil, &received{get: r.get, named: r.named, text: []byte(r.text)}, r.mediaType))
		}
		if one, other := key(pair[0]), key(pair[1]); one == other {
			t.Errorf("%s: both have the key %q", what, one)
		}
	}
}
