package msgraph

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"portico/internal/sparse"
)

// Invalid is one value of an answer that could not be read as what it should be. The rest of the answer stands.
type Invalid struct {
	// Path leads from the entity to the value: member names, and indexes from 0: "banners", "0", "timesObserved".
	Path []string
	// Raw is the JSON text of the value, cut to 200 bytes.
	Raw string
	// Coerced reports that the value was understood all the same, as "21" or 21.0 are where an integer is due. It is to be
	// counted, not reported.
	Coerced bool
	// Unrecognized reports that the value was kept, because it may be new: its type returned ErrUnrecognized.
	Unrecognized bool
	// Notice is what Microsoft Graph says about the whole answer; nil for a value. A notice has no path and no raw text.
	Notice *Notice
}

// Notice is what Microsoft Graph says about an answer that stands: that it is incomplete, or a warning.
type Notice struct {
	// Incomplete reports that something is missing: the status is 206.
	Incomplete bool
	// Text is the text of the Warning header, without what a caller may not see, at most 200 bytes. It may be empty.
	Text string
}

// Error implements error, so that a Notice can accompany a body; see Client.Fetch. It is not a failure.
func (n *Notice) Error() string { return "notice: " + n.Text }

// ErrUnrecognized is what an UnmarshalJSONFrom method returns for a value that is well-formed and that it does not
// know, such as a new member of an enumeration. The value that it has set is kept.
var ErrUnrecognized = errors.New("unrecognized value")

const maxRaw = 200

// Entity decodes one entity, bare or wrapped in a "value" member. Nil stands for "there is none": null, and a wrapper
// around null or an empty list.
//
// T is a plain struct with json tags. What it does not name is ignored. A value that cannot be read as its field
// demands becomes the zero value of the field and one Invalid. An answer that is not JSON, not an object, or lacks a
// usable id where T has one, is an *Error of kind BadResponse. Where the lookup did not ask for the id, the entity gets
// the one that it was requested by, and other members must show that the body is an entity.
func Entity[T any](body []byte, asked Asked) (*T, []Invalid, error) {
	body, err := Unwrap(body)
	if body == nil || err != nil {
		return nil, nil, err
	}
	entity, invalid, err := decode[T](body, asked.Reads, 0)
	if err != nil {
		return nil, nil, badResponse(err)
	}
	if !hasID(entity) && !asked.identifies(entity, body) {
		return nil, nil, badResponse(errNoID)
	}
	return entity, invalid, nil
}

// decode decodes an object in three ways, each of which may leave it to the next: the fast one, which skips what nobody
// reads; the strict one; and the lenient one, which reports the values that it cannot read. The members of the objects
// down to outer are all read, the body's own being at 0.
func decode[T any](body []byte, reads *sparse.Properties, outer int) (*T, []Invalid, error) {
	value := new(T)
	if sparse.Read(body, value, reads, outer) {
		return value, nil, nil
	}
	value = new(T) // it may hold some of the values
	if json.Unmarshal(body, value) == nil {
		return value, nil, nil
	}
	return lenient[T](body)
}

var (
	errNoID     = errors.New("entity without id")
	errNoObject = errors.New("entity is not a JSON object")
)

// badResponse replaces the errors of the decoder, whose texts quote the body.
func badResponse(err error) *Error {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		err = fmt.Errorf("malformed JSON at byte %d", syntax.ByteOffset)
	} else if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		err = fmt.Errorf("unreadable JSON at byte %d", semantic.ByteOffset)
	}
	return &Error{Kind: BadResponse, Err: err}
}

// Unwrap returns the entity in body. Single entities come bare, or as the "value" member of an object that has no other
// but annotations, by itself or as the one element of a list. Nil means that the answer says there is none. The error
// is an *Error of kind BadResponse: for a list of several, and for anything but a JSON object. The syntax and content
// of a bare entity are left for its decoder to check.
func Unwrap(body []byte) ([]byte, error) {
	if isBare(body) {
		return body, nil
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), anyText)
	switch dec.PeekKind() {
	case '{':
	case 'n':
		return nil, wholly(dec)
	default:
		return nil, noObject(dec)
	}
	value, other, err := wrapped(dec)
	switch {
	case err != nil:
		return nil, badResponse(err)
	case other || value == nil || !wraps(value):
		return body, nil
	}
	return inner(value)
}

// HasEntity reports whether a body holds an entity, as Entity would read it.
func HasEntity(body []byte, asked Asked) (bool, error) {
	entity, _, err := Entity[struct {
		ID string `json:"id"`
	}](body, asked)
	return entity != nil, err
}

// isBare reports, without reading all, that the first member apart from annotations is not "value". False means that it
// could not tell.
func isBare(body []byte) bool {
	first := firstMember(body)
	return first != nil && first[1] != '\\' && first[1] != '"' && !bytes.HasPrefix(first[1:], []byte(`value"`))
}

// firstMember returns the text from the first member on that is not an annotation. Nil means that it could not tell
// which that is.
func firstMember(body []byte) []byte {
	rest, ok := bytes.CutPrefix(space(body), []byte("{"))
	for ok {
		rest = space(rest)
		if len(rest) < 2 || rest[0] != '"' {
			return nil
		}
		if rest[1] != '@' {
			return rest
		}
		rest, ok = afterAnnotation(rest)
	}
	return nil
}

// afterAnnotation skips a member whose value is a plain string, and the comma after it.
func afterAnnotation(b []byte) (rest []byte, ok bool) {
	for _, end := range []byte{':', ','} {
		if len(b) == 0 || b[0] != '"' {
			return nil, false
		}
		stop := bytes.IndexByte(b[1:], '"')
		if stop < 0 || bytes.IndexByte(b[1:1+stop], '\\') >= 0 {
			return nil, false
		}
		b = space(b[stop+2:])
		if len(b) == 0 || b[0] != end {
			return nil, false
		}
		b = space(b[1:])
	}
	return b, true
}

func space(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

// wrapped reads a whole object. It returns its "value" member, if any, and whether there are other members than that
// and annotations.
func wrapped(dec *jsontext.Decoder) (value []byte, other bool, err error) {
	if _, err := dec.ReadToken(); err != nil {
		return nil, false, err
	}
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, false, err
		}
		name := token.String()
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, false, err
		}
		switch {
		case name == "value":
			value = bytes.Clone(raw)
		case !strings.HasPrefix(name, "@"):
			other = true
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, false, err
	}
	return value, other, trailing(dec)
}

// wraps reports whether a "value" member is of a kind that holds an entity.
// Some entities have a property of that name, which is text.
func wraps(value []byte) bool {
	switch jsontext.Value(value).Kind() {
	case '{', '[', 'n':
		return true
	}
	return false
}

// inner returns the entity in a "value" member.
func inner(value []byte) ([]byte, error) {
	switch jsontext.Value(value).Kind() {
	case 'n':
		return nil, nil
	case '{':
		return value, nil
	}
	var list []jsontext.Value
	if err := json.Unmarshal(value, &list, anyText); err != nil {
		return nil, badResponse(err)
	}
	switch {
	case len(list) == 0:
		return nil, nil
	case len(list) > 1:
		return nil, badResponse(fmt.Errorf("%d entities in place of one", len(list)))
	case list[0].Kind() != '{':
		return nil, badResponse(errNoObject)
	}
	return list[0], nil
}

// wholly reads one value that has to be all there is.
func wholly(dec *jsontext.Decoder) error {
	if err := dec.SkipValue(); err != nil {
		return badResponse(err)
	}
	if err := trailing(dec); err != nil {
		return badResponse(err)
	}
	return nil
}

func noObject(dec *jsontext.Decoder) error {
	if err := wholly(dec); err != nil {
		return err
	}
	return badResponse(errNoObject)
}

// trailing reports an error unless only white space follows.
func trailing(dec *jsontext.Decoder) error {
	if len(space(dec.UnreadBuffer())) != 0 {
		return fmt.Errorf("trailing bytes at byte %d", dec.InputOffset())
	}
	return nil
}
