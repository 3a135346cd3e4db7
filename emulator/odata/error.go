package odata

// An Error is an error response of Microsoft Graph.
// https://learn.microsoft.com/graph/errors
type Error struct {
	Status  int
	Code    string // such as "BadRequest"
	Message string
}

// BadRequest returns the error for a request that cannot be understood.
func BadRequest(message string) *Error {
	return &Error{Status: 400, Code: "BadRequest", Message: message}
}

// BadSkipToken returns the error for a $skiptoken that was not made for the request.
func BadSkipToken() *Error { return BadRequest("The $skiptoken is not valid for this request.") }

func invalidQuery(reason string) *Error {
	return BadRequest("The query specified in the URI is not valid. " + reason)
}

func invalidSelect(reason string) *Error {
	return BadRequest("Parsing OData Select and Expand failed: " + reason)
}

// noProperty is the reason for refusing a name that no member of a type has.
func noProperty(name, typeName string) string {
	return "Could not find a property named '" + name + "' on type '" + namespace + typeName + "'."
}
