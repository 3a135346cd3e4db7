package code

import (
	"net/http"
	"strconv"
	"strings"
)

// Entry documents a code.
type Entry struct {
	Code string
	// Status is the HTTP status of a response that has no data because of the error; 0 for errors of single fields, whose
	// responses have data and so the status 200.
	Status int
	// JSON is the status if the response is application/json, where that differs.
	JSON int
	// Cause and Remedy are Markdown, for the person who reads the error.
	Cause, Remedy string
}

// StatusClientClosed is logged for a response that nobody waited for. No client sees it.
const StatusClientClosed = 499

// entries are in the order of the documentation. The GraphQL over HTTP specification keeps the status 200 for documents
// and variables that are wrong, if the response is application/json: clients of that media type take another status for
// a response that is not GraphQL.
var entries = []Entry{
	{
		MethodNotAllowed, http.StatusMethodNotAllowed, 0,
		"the method is not POST, QUERY or GET, or a QUERY or GET is not a query", "send a POST",
	},
	{
		CSRF, http.StatusForbidden, 0,
		"a browser sent the request for a page of another origin", "add the page's origin to `PORTICO_ALLOWED_ORIGINS`, or call Portico from its own origin",
	},
	{
		NotAcceptable, http.StatusNotAcceptable, 0,
		"`Accept` allows no media type that Portico sends", "accept `application/json` or `application/graphql-response+json`",
	},
	{
		UnsupportedMediaType, http.StatusUnsupportedMediaType, 0,
		"the body is not `application/json` in UTF-8, or is compressed", "send uncompressed JSON",
	},
	{
		BatchingDisabled, http.StatusBadRequest, 0,
		"the body is an array", "send one operation; many lookups fit into one, by alias or as `hostPorts`",
	},
	{
		BadRequest, http.StatusBadRequest, 0,
		"the request is malformed: two `Authorization` headers, no JSON, no query, or members of the wrong type", "correct the request",
	},
	{
		PersistedQueryNotSupported, http.StatusBadRequest, http.StatusOK,
		"the request names a document by an id or a hash in place of a query; there are no trusted documents, and `--apq` is off", "send the query; Apollo Client and urql do so by themselves",
	},
	{
		PersistedQueryNotFound, http.StatusBadRequest, http.StatusOK,
		"the request names a document that is neither trusted nor registered by this caller", "send the query; Apollo Client and urql do so by themselves. Check that `PORTICO_DOCUMENTS` is that of the client's build",
	},
	{
		DocumentNotTrusted, http.StatusBadRequest, http.StatusOK,
		"the document is not among the trusted ones, and `--documents-mode` is `require`", "add it to `PORTICO_DOCUMENTS`, exactly as the client sends it",
	},
	{
		RequestTimeout, http.StatusRequestTimeout, 0,
		"The request did not arrive in time.", "send it faster",
	},
	{
		Unauthenticated, http.StatusUnauthorized, 0,
		"the caller's token is missing or not accepted; the message says why. With `obo` and `passthrough` it is an error of the fields that need the token",
		"send a current access token for Portico; `WWW-Authenticate` says where tokens come from. If there are `extensions.claims`, request a token with these claims",
	},
	{
		Forbidden, http.StatusForbidden, 0,
		"the token lacks the scope or app role, or its client or kind of caller may not call",
		"grant what `WWW-Authenticate` names, or change `PORTICO_ENTRA_SCOPES`, `_ROLES` or `_CLIENTS`",
	},
	{
		NotReady, http.StatusServiceUnavailable, 0,
		"the signing keys of the token's issuer are not loaded yet", "retry after `Retry-After`; the log says why it takes long",
	},
	{
		ParseFailed, http.StatusBadRequest, http.StatusOK,
		"the document is not GraphQL", "correct the document",
	},
	{
		ValidationFailed, http.StatusBadRequest, http.StatusOK,
		"the document does not fit the schema", "correct the document",
	},
	{
		IntrospectionDisabled, http.StatusBadRequest, http.StatusOK,
		"the document reads the schema (`__schema`, `__type` or `_service`), and `--introspection` does not allow that",
		"take the schema from the repository (`schema.graphqls`), or change the setting",
	},
	{
		BadUserInput, http.StatusBadRequest, http.StatusOK,
		"a variable is missing or has the wrong type. As an error of a field: `after` is not a cursor of this list with these arguments, or was made with another key; " +
			"`search` is missing or empty; a representation of `_entities` has no type with a key, or no id",
		"correct the value; paginate again without `after`",
	},
	{
		BadID, 0, 0,
		"the id is empty, or cannot be one; it holds more than a host, such as a path or a port; `node` cannot infer its type; or it has another type than `_entities` says",
		"correct it, as `extensions.hint` says if it is there; prefix it with its type, as in `HostPort:ID`",
	},
	{
		LimitBody, http.StatusRequestEntityTooLarge, 0,
		"the body is longer than `--limit-body`, or the query string of a GET (with status 414)", "request less, or raise the limit",
	},
	{
		LimitTokens, http.StatusBadRequest, 0,
		"the document has more tokens than `--limit-tokens`", "request less, or raise the limit",
	},
	{
		LimitFields, http.StatusBadRequest, 0,
		"a selection set has more fields than `--limit-fields`", "request less, or raise the limit",
	},
	{
		LimitNodes, http.StatusBadRequest, 0,
		"the document has more selections than `--limit-nodes`", "request less, or raise the limit",
	},
	{
		LimitDepth, http.StatusBadRequest, 0,
		"the document nests deeper than `--limit-depth`", "request less, or raise the limit",
	},
	{
		LimitAliases, http.StatusBadRequest, 0,
		"the document has more aliases than `--limit-aliases`", "use `hostPorts` and its like, which need no aliases, or raise the limit",
	},
	{
		LimitDirectives, http.StatusBadRequest, 0,
		"the document has more directives than `--limit-directives`", "request less, or raise the limit",
	},
	{
		LimitRootFields, http.StatusBadRequest, 0,
		"the operation has more root fields than `--limit-root-fields`", "use `hostPorts` and its like, which are one root field, or raise the limit",
	},
	{
		LimitIDs, http.StatusBadRequest, 0,
		"`ids` has more entries than `--limit-ids`", "split the request",
	},
	{
		LimitValue, http.StatusBadRequest, 0,
		"an argument, or the label of a `@defer`, is longer than `--limit-value`", "send a shorter value",
	},
	{
		LimitFirst, 0, 0,
		"`first` is not between 0 and 100", "request shorter pages, and continue with `after`",
	},
	{
		LimitResponse, http.StatusBadRequest, 0,
		"the response may have more fields than `--limit-response`, or it has more than 16 MiB. A deferred part with which the response passes 16 MiB has this error instead of its data", "request fewer entities, shorter pages or fewer fields",
	},
	{
		LimitUpstreamRequests, http.StatusBadRequest, 0,
		"the operation needs more requests to Microsoft Graph than `--limit-upstream-requests`. If that shows only later, it is an error of the fields that are missing",
		"request less, or raise the limit",
	},
	{
		LimitErrors, 0, 0,
		"the response has more errors than `--limit-errors`; further errors are left out", "fix the first errors",
	},
	{
		Overloaded, http.StatusServiceUnavailable, 0,
		"too many operations are in flight, or too many responses wait for their clients", "retry after `Retry-After`; if it happens often, add replicas",
	},
	{
		RateLimited, http.StatusTooManyRequests, 0,
		"the operation may request more items than the caller has left (`--limit-caller-items`), or the address sent more bad tokens than `--limit-refused-tokens`",
		"wait `Retry-After` seconds; the fields `RateLimit-Policy` and `RateLimit` of each response say what is left",
	},
	{
		DeadlineExceeded, http.StatusGatewayTimeout, 0,
		"the operation took longer than `--limit-deadline`", "request less, or raise the limit",
	},
	{
		Cancelled, StatusClientClosed, 0,
		"the caller closed the connection; only the log shows it", "nothing",
	},
	{
		UpstreamInvalidValue, 0, 0,
		"Microsoft Graph sent a value that does not have the field's type; `extensions.raw` holds it, cut to 200 bytes", "nothing: the value is wrong at its source",
	},
	{
		UpstreamForbidden, 0, 0,
		"Microsoft Graph responded with 403 or 402. The message of a 403 includes Microsoft Graph's own",
		"grant what is missing: consent, role, license, verification of the tenant; see `extensions.hint`",
	},
	{
		UpstreamAuth, 0, 0,
		"Portico got no token, or Microsoft Graph refused it. The message holds Entra ID's reason, with its `AADSTS` code",
		"correct the credential, tenant or client id; check the machine's clock",
	},
	{
		ClaimsChallenge, http.StatusUnauthorized, 0,
		"with `obo`: Entra ID or Microsoft Graph requires the caller to sign in again, for example because of conditional access",
		"request a token from Entra ID with `extensions.claims`, if they are there, and send the request again",
	},
	{
		UpstreamThrottled, 0, 0,
		"Microsoft Graph requires a pause that does not fit into the deadline", "wait `extensions.retryAfterSeconds`; request less, or raise the quota",
	},
	{
		UpstreamUnavailable, 0, 0,
		"no response, or 408, 423, 502, 503, 504 or a gateway's own status, after all attempts; also 407, if a proxy requires authentication",
		"retry later; check the network and Microsoft's service health; the log names a proxy or gateway that stood in the way",
	},
	{
		UpstreamFailed, 0, 0,
		"Microsoft Graph responded with 500, or another status from 500 on that is not listed here", "retry later; if it always happens, check the license",
	},
	{
		UpstreamBadResponse, 0, 0,
		"the response was empty, incomplete or not JSON after all attempts, a redirect, a 404 without Microsoft Graph's error object, or lacked items of a batch",
		"check for a proxy in between; report it with the `request_ids` of the log",
	},
	{
		UpstreamTooLarge, 0, 0,
		"a response of Microsoft Graph was longer than 8 MiB", "report it",
	},
	{
		UpstreamBadRequest, 0, 0,
		"Microsoft Graph responded with 400, or another status below 500 that is not listed here. The cause is in the log",
		"check the arguments for a value that it cannot read; otherwise report it with the log lines",
	},
	{
		Unverified, 0, 0,
		"a warning (`extensions.warnings`): what was requested below an entity is unknown, and `--limit-upstream-requests` left no request to check whether the entity exists",
		"request less, or raise the limit",
	},
	{
		UnrecognizedValue, 0, 0,
		"a warning (`extensions.warnings`): Microsoft Graph returned an enumeration member that the schema does not have. The field is `UNRECOGNIZED`, and `raw` has the text",
		"handle `UNRECOGNIZED` like `UNKNOWN`, or use a newer version",
	},
	{
		UpstreamIncomplete, 0, 0,
		"a warning (`extensions.warnings`): Microsoft Graph responded with 206, so the field's value is incomplete. `raw` has the text of its `Warning` header, if any",
		"do not treat missing items as absent; retry later",
	},
	{
		UpstreamWarning, 0, 0,
		"a warning (`extensions.warnings`): Microsoft Graph sent a `Warning` header with the response. `raw` has its text",
		"read the text",
	},
	{
		MoreWarnings, 0, 0,
		"a warning (`extensions.warnings`): the response has more than 100 warnings, and the others are omitted",
		"request less",
	},
	{
		ListTruncated, 0, 0,
		"a warning (`extensions.warnings`): Portico filters or sorts this list, and it is longer than the 4 pages of 100 that " +
			"Portico reads, or Microsoft Graph did not return all of it. The message says which. Items may be missing, and " +
			"`totalCount` is null",
		"narrow the list by a condition that Microsoft Graph filters by, or page through it without `where` and `orderBy`; " +
			"if Microsoft Graph did not return all of it, retry later",
	},
	{
		UnreadableValues, 0, 0,
		"a warning (`extensions.warnings`): Portico filters or sorts this list, and values that it needs for that cannot be " +
			"read. The message says how many items are left out, or come last. `raw` has the first value. If items are left " +
			"out, `isTruncated` is true and `totalCount` is null",
		"do not treat missing items as absent; read the list without `where` and `orderBy`: the values are errors there",
	},
	{
		Internal, http.StatusInternalServerError, 0,
		"anything else. The cause is in the log", "report it with the log lines",
	},
}

// byCode finds entries.
var byCode = func() map[string]Entry {
	all := make(map[string]Entry, len(entries))
	for _, e := range entries {
		all[e.Code] = e
	}
	return all
}()

// Entries returns all codes in the order of the documentation.
func Entries() []Entry { return append([]Entry(nil), entries...) }

// Known reports whether a code is one of Portico's.
func Known(code string) bool {
	_, known := byCode[code]
	return known
}

// IsLimit reports whether a code refuses a request because of a limit, a quota or an overload.
func IsLimit(code string) bool {
	return strings.HasPrefix(code, "LIMIT_") || code == RateLimited || code == Overloaded
}

// Status returns the HTTP status of a response without data whose first error has the code. asJSON says that the
// response is application/json. A response without a code is a defect, and one with the code of a field is the
// request's fault.
func Status(code string, asJSON bool) int {
	e, known := byCode[code]
	switch {
	case !known:
		return http.StatusInternalServerError
	case asJSON && e.JSON != 0:
		return e.JSON
	case e.Status == 0:
		return http.StatusBadRequest
	}
	return e.Status
}

// Table returns all codes as a Markdown table.
func Table() string {
	var b strings.Builder
	b.WriteString("| Code | Status | Cause | What to do |\n|---|---|---|---|\n")
	for _, e := range entries {
		b.WriteString("| `" + e.Code + "` | " + e.status() + " | " + e.Cause + " | " + e.Remedy + " |\n")
	}
	return b.String()
}

func (e Entry) status() string {
	switch {
	case e.Status == 0:
		return "200"
	case e.JSON != 0:
		return strconv.Itoa(e.Status) + " (" + strconv.Itoa(e.JSON) + ")"
	}
	return strconv.Itoa(e.Status)
}
