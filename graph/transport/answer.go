package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
	"portico/internal/shorten"
	"portico/internal/telemetry"
)

// maxMessage is how many bytes of an error's message are sent. Validation repeats names of the document in it, and a
// name may be as long as the body.
const maxMessage = 400

// An answer is one whole HTTP response. It is never changed once made: requests that were merged send the same one.
type answer struct {
	status    int
	mediaType string
	allow     string
	before    []byte // of the body, which is these three parts one after the other
	data      []byte // as the execution wrote it: where it is long, it is neither copied nor parsed again
	after     []byte
	operation string               // the name of the operation, once it is known to be one
	errors    int                  // how many errors the execution gave, sent or not
	codes     []string             // of these errors, each once
	wait      int                  // seconds until the caller's quota suffices
	claims    string               // what a claims challenge among the errors asks for
	items     int                  // that were requested upstream
	execution *telemetry.Execution // for the audit log; nil without one, or if nothing was executed
	extended  bool                 // whether it has extensions
	fresh     *freshness           // nil if no client may keep it
}

// encode turns the result of an execution into an answer that sends at most maxErrors errors.
func encode(resp *graphql.Response, mediaType string, maxErrors int) *answer {
	a := &answer{
		status: http.StatusOK, mediaType: mediaType, data: resp.Data, extended: len(resp.Extensions) > 0,
		errors: len(resp.Errors), codes: codesOf(resp.Errors), claims: claimsIn(resp.Errors),
	}
	if resp.Data == nil {
		a.status = code.Status(codeOf(resp.Errors), mediaType == typeJSON)
	}
	if a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable {
		a.wait, _ = resp.Errors[0].Extensions["retryAfterSeconds"].(int)
	}
	a.before, a.after = envelope(resp, maxErrors)
	if a.extended && len(resp.Data) <= maxJoined {
		a.before, a.data, a.after = slices.Concat(a.before, a.data, a.after), nil, nil
	}
	return a
}

// maxJoined is how many bytes of data are copied into one piece with what stands around them. For the few that most
// answers have, a copy is cheaper than two more writes.
const maxJoined = 4 << 10

// envelope is what stands before and after the data of a response. Errors come first, so that they are seen in logs
// and terminals that cut the end off.
func envelope(resp *graphql.Response, maxErrors int) (before, after []byte) {
	before = append(make([]byte, 0, 16), '{')
	if len(resp.Errors) > 0 {
		before = appendMember(before, "errors", capErrors(resp.Errors, maxErrors))
	}
	if resp.Data != nil {
		before = appendName(before, "data")
	}
	if resp.Data == nil && len(before) == 1 {
		before = appendMember(before, "errors", gqlerror.List{{
			Message: refusedPanic.message, Extensions: map[string]any{"code": refusedPanic.code},
		}})
	}
	if len(resp.Extensions) > 0 {
		after = appendExtensions(append(make([]byte, 0, 256), `,"extensions":`...), resp.Extensions)
	}
	return before, append(after, '}')
}

// appendExtensions appends an object, its members in the order of their names.
func appendExtensions(b []byte, extensions map[string]any) []byte {
	names := make([]string, 0, 4) // on the stack, for as many as there are
	for name := range extensions {
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, '{')
	for _, name := range names {
		b = appendMember(b, name, extensions[name])
	}
	return append(b, '}')
}

func encodeErrors(list gqlerror.List, mediaType string) *answer {
	return encode(&graphql.Response{Errors: list}, mediaType, 0)
}

// appendName appends a comma, if one is due, and the name of a member.
func appendName(b []byte, name string) []byte {
	if last := b[len(b)-1]; last != '{' && last != ',' {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

// appendMember appends a member of an object. A value that JSON cannot hold is left out as null: the data beside it
// is worth more than the whole answer's failure.
func appendMember(b []byte, name string, value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		text = []byte("null")
	}
	return append(appendName(b, name), text...)
}

// write sends the answer, unless too many others are waiting for their clients.
func (a *answer) write(w http.ResponseWriter) {
	length := int64(len(a.before) + len(a.data) + len(a.after))
	if !outgoing.enter(length) {
		refusedOverload.answer(a.mediaType).write(w)
		return
	}
	defer outgoing.leave(length)
	h := w.Header()
	h["Content-Type"] = asJSON
	if a.mediaType == typeGraphQL {
		h["Content-Type"] = asGraph
	}
	h["Content-Length"] = []string{strconv.FormatInt(length, 10)}
	if a.allow != "" {
		h.Set("Allow", a.allow)
	}
	switch a.status {
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", strconv.Itoa(max(a.wait, OverloadPause)))
	case http.StatusTooManyRequests:
		h.Set("Retry-After", strconv.Itoa(a.wait))
	}
	w.WriteHeader(a.status)
	for _, part := range [...][]byte{a.before, a.data, a.after} {
		if len(part) == 0 {
			continue
		}
		if _, err := w.Write(part); err != nil {
			return // the client left
		}
	}
}

// capErrors keeps the first errors and says how many more there are. It changes none of the errors it is given.
func capErrors(list gqlerror.List, limit int) gqlerror.List {
	more := 0
	if limit > 0 && len(list) > limit {
		more, list = len(list)-limit, list[:limit]
	}
	out := make(gqlerror.List, 0, len(list)+1)
	for _, err := range list {
		if len(err.Message) > maxMessage {
			short := *err
			short.Message = shorten.To(err.Message, maxMessage)
			err = &short
		}
		out = append(out, err)
	}
	if more > 0 {
		out = append(out, &gqlerror.Error{
			Message:    fmt.Sprintf("%d more errors were omitted; the maximum is %d.", more, limit),
			Extensions: map[string]any{"code": code.LimitErrors},
		})
	}
	return out
}

// codesOf returns the codes of errors, each once, in the order in which they come first.
func codesOf(list gqlerror.List) (codes []string) {
	for _, err := range list {
		if code, ok := err.Extensions["code"].(string); ok && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// codeOf is the code of the first error that has one.
func codeOf(list gqlerror.List) string {
	for _, err := range list {
		if found, ok := err.Extensions["code"].(string); ok {
			return found
		}
	}
	return ""
}

// unanswered is the rejection for an execution that ended with its context, before there was anything to send.
func unanswered(ctx context.Context) *rejection {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return refusedLate
	}
	return refusedLeft
}

// claimsIn returns the claims that the first claims challenge among the errors asks for.
func claimsIn(list gqlerror.List) string {
	for _, err := range list {
		if c := err.Extensions["code"]; c == code.ClaimsChallenge || c == code.Unauthenticated {
			if claims, ok := err.Extensions["claims"].(string); ok {
				return claims
			}
		}
	}
	return ""
}
