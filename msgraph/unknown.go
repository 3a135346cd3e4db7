package msgraph

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var errForeign = errors.New("the 404 has no error object, so it is not Microsoft Graph's")

// isGraphs reports whether an error response has Microsoft Graph's form: an object named error. A gateway that knows no
// route answers 404 too, which says nothing about the resource.
func (a *answer) isGraphs() bool {
	var envelope struct {
		Error jsontext.Value `json:"error"`
	}
	return json.Unmarshal(a.body, &envelope, lax, json.MatchCaseInsensitiveNames(true)) == nil &&
		envelope.Error.Kind() == '{'
}
