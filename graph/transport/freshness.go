package transport

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// perishable is an extension that knows how old the data of its response is, and how long it stays fresh. It reports
// false if the response must not be stored.
type perishable interface {
	Freshness() (age, left time.Duration, ok bool)
}

// freshness is how old an answer is, and how long clients may keep it.
type freshness struct {
	age, left time.Duration
	tag       string // weak: the cost in the extensions differs each time
}

// freshnessOf returns the freshness of a response without errors; nil if clients must not store it.
func freshnessOf(resp *graphql.Response, mediaType string) *freshness {
	if len(resp.Errors) > 0 || len(resp.Data) == 0 {
		return nil
	}
	for _, extension := range resp.Extensions {
		if p, known := extension.(perishable); known {
			if age, left, ok := p.Freshness(); ok {
				sum := sha256.Sum256(append([]byte(mediaType+"\n"), resp.Data...))
				return &freshness{age, left, `W/"` + hex.EncodeToString(sum[:16]) + `"`}
			}
		}
	}
	return nil
}

// allow sets the headers with which the client that sent the request may keep the answer, and no other. It reports
// whether the client has it already.
func (f *freshness) allow(h http.Header, r *http.Request) (unmodified bool) {
	if f == nil || r.Method == http.MethodPost {
		return false
	}
	age := int64(f.age / time.Second)
	h.Set("Age", strconv.FormatInt(age, 10))
	h.Set("Cache-Control", "private, max-age="+strconv.FormatInt(age+int64(f.left/time.Second), 10)) // includes the age
	h.Add("Vary", "Authorization")
	h.Set("ETag", f.tag)
	return matches(r.Header.Values("If-None-Match"), f.tag)
}

// matches reports whether one of the tags in the header fields is the tag. Weak and strong ones are compared alike.
func matches(fields []string, tag string) bool {
	for one := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
