// Package code lists the error codes that callers see in extensions.code: one constant each, and beside it the HTTP
// status, the cause and the remedy, from which docs/operations.md is printed. No other package spells a code.
//
// Codes are part of the API. Callers branch on them, so they are never renamed or given another meaning.
package code

// Requests that are refused before their document is read.
const (
	MethodNotAllowed           = "METHOD_NOT_ALLOWED"            // neither a POST nor a GET with a query
	CSRF                       = "CSRF"                          // a cross-origin request from a browser
	NotAcceptable              = "NOT_ACCEPTABLE"                // Accept allows no media type that Portico sends
	UnsupportedMediaType       = "UNSUPPORTED_MEDIA_TYPE"        // the body is not JSON in UTF-8, or is compressed
	BatchingDisabled           = "BATCHING_DISABLED"             // the body is an array of operations
	BadRequest                 = "BAD_REQUEST"                   // the request is malformed
	PersistedQueryNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED" // a hash in place of the query
	PersistedQueryNotFound     = "PERSISTED_QUERY_NOT_FOUND"     // an id of a document that is not known
	DocumentNotTrusted         = "DOCUMENT_NOT_TRUSTED"          // a document that is not in the set of trusted ones
	RequestTimeout             = "REQUEST_TIMEOUT"               // the request did not arrive in time
	Unauthenticated            = "UNAUTHENTICATED"               // the caller's token is missing or not accepted
	Forbidden                  = "FORBIDDEN"                     // the caller's token lacks a permission
	NotReady                   = "NOT_READY"                     // tokens cannot be verified yet
)

// Documents and variables that are refused before anything is sent to Microsoft Graph. The first two are gqlgen's
// names.
const (
	ParseFailed           = "GRAPHQL_PARSE_FAILED"      // the document is not GraphQL
	ValidationFailed      = "GRAPHQL_VALIDATION_FAILED" // the document does not fit the schema
	IntrospectionDisabled = "INTROSPECTION_DISABLED"    // the caller may not read the schema
	BadUserInput          = "BAD_USER_INPUT"            // a variable or an argument has a value that is not allowed
	BadID                 = "BAD_ID"                    // an id cannot be one of the requested type
)

// Limits. A code is the name of the flag that sets the limit; LimitFirst is fixed.
const (
	LimitBody             = "LIMIT_BODY"              // size of the request
	LimitTokens           = "LIMIT_TOKENS"            // tokens of the document
	LimitFields           = "LIMIT_FIELDS"            // fields in one selection set
	LimitNodes            = "LIMIT_NODES"             // selections of the document
	LimitDepth            = "LIMIT_DEPTH"             // nesting of the document
	LimitAliases          = "LIMIT_ALIASES"           // aliases of the document
	LimitDirectives       = "LIMIT_DIRECTIVES"        // directives of the document
	LimitRootFields       = "LIMIT_ROOT_FIELDS"       // root fields of the operation
	LimitErrors           = "LIMIT_ERRORS"            // errors in the response
	LimitIDs              = "LIMIT_IDS"               // entries in ids
	LimitValue            = "LIMIT_VALUE"             // size of an argument's value
	LimitResponse         = "LIMIT_RESPONSE"          // size of the response
	LimitUpstreamRequests = "LIMIT_UPSTREAM_REQUESTS" // requests to Microsoft Graph
	LimitFirst            = "LIMIT_FIRST"             // the page size that first requests
)

// What Microsoft Graph, or Entra ID, responded, or did not respond.
const (
	UpstreamAuth         = "UPSTREAM_AUTH"          // Portico got no token, or Microsoft Graph refused it
	UpstreamForbidden    = "UPSTREAM_FORBIDDEN"     // the identity or the tenant lacks a permission or a license
	UpstreamThrottled    = "UPSTREAM_THROTTLED"     // rate limit of Microsoft Graph
	UpstreamUnavailable  = "UPSTREAM_UNAVAILABLE"   // no response
	UpstreamFailed       = "UPSTREAM_FAILED"        // an internal error of Microsoft Graph
	UpstreamBadRequest   = "UPSTREAM_BAD_REQUEST"   // Microsoft Graph rejected Portico's request
	UpstreamBadResponse  = "UPSTREAM_BAD_RESPONSE"  // the response cannot be read
	UpstreamTooLarge     = "UPSTREAM_TOO_LARGE"     // the response is too long
	UpstreamInvalidValue = "UPSTREAM_INVALID_VALUE" // one value of the response cannot be read
	ClaimsChallenge      = "CLAIMS_CHALLENGE"       // the caller has to sign in again
)

// Warnings, in extensions.warnings. They are not errors.
const (
	Unverified         = "UNVERIFIED"          // whether an entity exists could not be checked
	UnrecognizedValue  = "UNRECOGNIZED_VALUE"  // a member of an enumeration that the schema does not have
	UpstreamIncomplete = "UPSTREAM_INCOMPLETE" // Microsoft Graph says that its response is incomplete
	UpstreamWarning    = "UPSTREAM_WARNING"    // Microsoft Graph sent a warning with its response
	MoreWarnings       = "MORE_WARNINGS"       // there are more warnings than a response shows
	ListTruncated      = "LIST_TRUNCATED"      // items of a filtered or sorted list were not read
	UnreadableValues   = "UNREADABLE_VALUES"   // values that decide what is in a list, or where, cannot be read
)

// What may happen to any operation.
const (
	RateLimited      = "RATE_LIMITED"      // the caller's quota is used up
	Overloaded       = "OVERLOADED"        // Portico has no room for the operation
	DeadlineExceeded = "DEADLINE_EXCEEDED" // the operation took too long
	Cancelled        = "CANCELLED"         // the caller closed the connection
	Internal         = "INTERNAL"          // a defect, or an error that callers must not see
)
