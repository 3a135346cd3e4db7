package entra

import (
	"strconv"
	"time"
)

// An Error is an error response of the token endpoint, in Entra ID's form.
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
type Error struct {
	Status  int    // of the HTTP response
	Code    string // of OAuth 2.0, such as "invalid_client"
	Number  int    // of Entra ID, the digits after AADSTS; 0: none
	Message string // without "AADSTS…: "
	Claims  string // of a claims challenge, as JSON; empty: none
}

// Body returns the members of the response's JSON object. The ids are the server's request id and the client's
// correlation id.
func (e *Error) Body(requestID, correlationID string, now time.Time) map[string]any {
	description := e.Message
	numbers := []int{}
	if e.Number != 0 {
		description = "AADSTS" + strconv.Itoa(e.Number) + ": " + e.Message
		numbers = append(numbers, e.Number)
	}
	stamp := now.UTC().Format("2006-01-02 15:04:05Z")
	body := map[string]any{
		"error": e.Code,
		"error_description": description + " Trace ID: " + requestID + " Correlation ID: " + correlationID +
			" Timestamp: " + stamp,
		"error_codes":    numbers,
		"timestamp":      stamp,
		"trace_id":       requestID,
		"correlation_id": correlationID,
	}
	if e.Claims != "" {
		body["claims"] = e.Claims
	}
	return body
}

// invalidRequest is the error for a request that cannot be processed.
func invalidRequest(number int, message string) *Error {
	return &Error{Status: 400, Code: "invalid_request", Number: number, Message: message}
}

// missing is the error for a request without a required parameter.
func missing(parameter string) *Error {
	return invalidRequest(900144, "The request body must contain the following parameter: "+parameter+".")
}

// invalidClient is the error for a credential that is not accepted.
func invalidClient(number int, message string) *Error {
	return &Error{Status: 401, Code: "invalid_client", Number: number, Message: message}
}

// invalidGrant is the error for a user token that is not accepted on behalf of its user.
func invalidGrant(number int, message string) *Error {
	return &Error{Status: 400, Code: "invalid_grant", Number: number, Message: message}
}
