package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/transport"
	"portico/internal/auth"
	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// The codes of errors in an answer, under extensions.code. They are part of the contract with callers.
const (
	codeInvalidValue = "UPSTREAM_INVALID_VALUE"
	codeBadID        = "BAD_ID"
	codeBadInput     = "BAD_USER_INPUT"
	codeBudget       = "LIMIT_UPSTREAM_CALLS"
	codeResponse     = "LIMIT_RESPONSE"
)

// shown is an error as a caller may see it.
type shown struct{ code, message string }

// byKind words the failures of a request that Microsoft Graph did not answer, or did not answer well.
var byKind = map[msgraph.Kind]shown{
	msgraph.Throttled:   {"UPSTREAM_THROTTLED", "Microsoft Graph asks to wait before the next request"},
	msgraph.Unavailable: {"UPSTREAM_UNAVAILABLE", "Microsoft Graph could not be reached, or is not available; try again later"},
	msgraph.BadResponse: {"UPSTREAM_BAD_RESPONSE", "Microsoft Graph answered with something that is not its protocol"},
	msgraph.TooLarge:    {"UPSTREAM_TOO_LARGE", "the answer of Microsoft Graph is longer than the limit"},
	msgraph.TimedOut:    {transport.CodeDeadline, "Microsoft Graph did not answer within the time that the operation has"},
}

// byStatus words the statuses with which Microsoft Graph refuses.
var byStatus = map[int]shown{
	http.StatusBadRequest: {
		"UPSTREAM_BAD_REQUEST",
		"Microsoft Graph did not accept the question",
	},
	http.StatusUnauthorized: {
		"UPSTREAM_AUTH",
		"Microsoft Graph did not accept the token",
	},
	http.StatusPaymentRequired: {
		"UPSTREAM_FORBIDDEN",
		"Microsoft Graph asks for a licence or a payment",
	},
	http.StatusForbidden: {
		"UPSTREAM_FORBIDDEN",
		"Microsoft Graph refused access",
	},
	http.StatusLocked: {
		"UPSTREAM_UNAVAILABLE",
		"Microsoft Graph reports that the resource is locked; try again later",
	},
	http.StatusTooManyRequests: {
		"UPSTREAM_THROTTLED",
		"Microsoft Graph asks to wait before the next request",
	},
	http.StatusInternalServerError: {
		"UPSTREAM_FAILED",
		"Microsoft Graph failed; where it always does, the tenant may lack the licence for this API",
	},
}

// forbiddenHint stands beside Microsoft Graph's own message of a 403.
const forbiddenHint = "the identity needs the permission ThreatIntelligence.Read.All with admin consent, a signed-in " +
	"user also the Security Reader role, and the tenant a licence for the Defender Threat Intelligence API"

// present turns an error into what the caller sees: worded by the tables above, or logged and hidden.
func present(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var g *gqlerror.Error
		if !errors.As(err, &g) {
			g = gqlerror.WrapPath(graphql.GetPath(ctx), err)
		}
		if g.Err == nil {
			return g // of our own making, or gqlgen's: request errors, and values that cannot be read
		}
		worded, extensions := word(g.Err)
		switch worded.code {
		case auth.CodeUpstreamAuth:
			log.WarnContext(ctx, "no token, or one that Microsoft Graph refuses", "error", g.Err.Error())
		case "UPSTREAM_BAD_REQUEST":
			log.WarnContext(ctx, "Microsoft Graph did not accept a request", "error", g.Err.Error(), "request_id", requestID(g.Err))
		case "":
			log.ErrorContext(ctx, "hidden from the caller", "error", g.Err.Error(), "path", g.Path.String(), "request_id", requestID(g.Err))
			worded = shown{transport.CodeInternal, "internal error"}
		}
		return &gqlerror.Error{
			Message: worded.message, Path: g.Path, Locations: g.Locations, Extensions: coded(worded.code, extensions),
		}
	}
}

// requestID names the exchange upstream that an error came from, empty where there was none.
func requestID(err error) string {
	if upstream, ok := errors.AsType[*msgraph.Error](err); ok {
		return upstream.RequestID
	}
	return ""
}

func coded(code string, extensions map[string]any) map[string]any {
	if extensions == nil {
		extensions = map[string]any{}
	}
	extensions["code"] = code
	return extensions
}

// word finds the words for an error; the zero shown means that there are none.
func word(err error) (shown, map[string]any) {
	var (
		upstream *msgraph.Error
		identity *auth.Error
		id       *threatintel.IDError
		input    *threatintel.InputError
		limit    *limitError
		budget   *loaders.BudgetError
		quota    *quotaError
	)
	switch {
	case errors.As(err, &identity):
		return wordIdentity(identity)
	case errors.As(err, &upstream):
		return wordUpstream(upstream)
	case errors.As(err, &id):
		return wordID(id)
	case errors.As(err, &input):
		return shown{codeBadInput, input.Error()}, nil
	case errors.As(err, &limit):
		return shown{limit.code, limit.Error()}, map[string]any{"allowed": limit.allowed}
	case errors.As(err, &budget):
		return shown{codeBudget, budget.Error()}, map[string]any{"allowed": budget.Allowed}
	case errors.As(err, &quota):
		return shown{codeRateLimited, quota.Error()}, map[string]any{"retryAfterSeconds": quota.wait()}
	case errors.Is(err, errOverloaded):
		return shown{transport.CodeOverloaded, "Portico has too many operations in flight. Retry in a second."},
			map[string]any{"retryAfterSeconds": transport.OverloadPause}
	case errors.Is(err, context.DeadlineExceeded):
		return shown{transport.CodeDeadline, "the operation took longer than it may"}, nil
	case errors.Is(err, context.Canceled):
		return shown{"CANCELLED", "the caller went away"}, nil
	}
	return shown{}, nil
}

func wordIdentity(err *auth.Error) (shown, map[string]any) {
	extensions := map[string]any{}
	if err.Claims != "" {
		extensions["claims"] = err.Claims
	}
	if err.RetryAfter > 0 {
		extensions["retryAfterSeconds"] = seconds(err.RetryAfter)
	}
	return shown{err.Code, err.Message}, extensions
}

func wordID(err *threatintel.IDError) (shown, map[string]any) {
	if err.Hint == "" {
		return shown{codeBadID, err.Error()}, nil
	}
	return shown{codeBadID, err.Error()}, map[string]any{"hint": err.Hint}
}

func wordUpstream(err *msgraph.Error) (shown, map[string]any) {
	worded, known := byKind[err.Kind]
	if err.Kind == msgraph.Refused {
		worded, known = wordStatus(err.Status), true
	}
	switch {
	case !known:
		return shown{}, nil
	case err.Status == http.StatusForbidden && err.Kind == msgraph.Refused:
		return shown{worded.code, join(worded.message, err.Message)}, map[string]any{"hint": forbiddenHint}
	case err.RetryAfter > 0:
		return worded, map[string]any{"retryAfterSeconds": seconds(err.RetryAfter)}
	}
	return worded, nil
}

// wordStatus words any status from 400 on. One that the table lacks goes by its class.
func wordStatus(status int) shown {
	if worded, known := byStatus[status]; known {
		return worded
	}
	if status < http.StatusInternalServerError {
		return shown{"UPSTREAM_BAD_REQUEST", fmt.Sprintf("Microsoft Graph rejected the request (HTTP %d)", status)}
	}
	return shown{"UPSTREAM_FAILED", fmt.Sprintf("Microsoft Graph failed (HTTP %d)", status)}
}

func join(ours, theirs string) string {
	if theirs == "" {
		return ours
	}
	return ours + ": " + theirs
}

// seconds rounds up: who waits that long has waited long enough.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// limitError refuses an operation before anything is sent upstream.
type limitError struct {
	code    string
	what    string // "`first` is"
	found   int
	unit    string // "bytes"; may be empty
	allowed int
}

func (e *limitError) Error() string {
	return fmt.Sprintf("%s %s; the maximum is %d.", e.what, strings.TrimSpace(fmt.Sprint(e.found, " ", e.unit)), e.allowed)
}

// refusal words an error that refuses a whole operation.
func refusal(err error) *gqlerror.Error {
	if unread, ok := errors.AsType[*gqlerror.Error](err); ok {
		return refuse(unread, codeBadInput)[0]
	}
	worded, extensions := word(err)
	return &gqlerror.Error{Message: worded.message, Extensions: coded(worded.code, extensions)}
}

func init() {
	// A refusal is an error of the request, not of a field: its status is 400 where the media type permits.
	for _, code := range []string{codeBudget, "LIMIT_IDS"} {
		errcode.RegisterErrorType(code, errcode.KindProtocol)
	}
}
