package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
	"portico/graph/plan"
	"portico/graph/transport"
	"portico/internal/auth"
	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// wording is an error as a caller may see it.
type wording struct{ code, message string }

// byKind words the failures of a request that Microsoft Graph did not answer, or did not answer well.
var byKind = map[msgraph.Kind]wording{
	msgraph.Throttled:   {code.UpstreamThrottled, "Microsoft Graph is throttling requests (HTTP 429). Retry later."},
	msgraph.Unavailable: {code.UpstreamUnavailable, "Microsoft Graph is unreachable or unavailable. Retry later."},
	msgraph.BadResponse: {code.UpstreamBadResponse, "Microsoft Graph returned an invalid response."},
	msgraph.TooLarge:    {code.UpstreamTooLarge, "The response of Microsoft Graph exceeds the size limit."},
	msgraph.TimedOut:    {code.DeadlineExceeded, "Microsoft Graph did not respond before the deadline of this operation."},
	msgraph.Overloaded: {
		code.Overloaded,
		"More requests wait for Microsoft Graph than it serves before the deadline of this operation. Retry later.",
	},
}

// byStatus words the statuses with which Microsoft Graph refuses.
var byStatus = map[int]wording{
	http.StatusBadRequest: {
		code.UpstreamBadRequest,
		"Microsoft Graph rejected the request (HTTP 400).",
	},
	http.StatusUnauthorized: {
		code.UpstreamAuth,
		"Microsoft Graph rejected the access token (HTTP 401).",
	},
	http.StatusPaymentRequired: {
		code.UpstreamForbidden,
		"Microsoft Graph requires a license or a payment (HTTP 402).",
	},
	http.StatusForbidden: {
		code.UpstreamForbidden,
		"Microsoft Graph denied access (HTTP 403)",
	},
	http.StatusLocked: {
		code.UpstreamUnavailable,
		"Microsoft Graph reports that the resource is locked (HTTP 423). Retry later.",
	},
	http.StatusTooManyRequests: {
		code.UpstreamThrottled,
		"Microsoft Graph is throttling requests (HTTP 429). Retry later.",
	},
	http.StatusInternalServerError: {
		code.UpstreamFailed,
		"Microsoft Graph failed (HTTP 500). " +
			"If this persists, check that the tenant has a license for the threat-intelligence API.",
	},
}

// forbiddenHint stands beside Microsoft Graph's own message of a 403.
const forbiddenHint = "Grant ThreatIntelligence.Read.All with admin consent. " +
	"A signed-in user also needs the Security Reader role. " +
	"The tenant needs a license for Microsoft Defender XDR, Microsoft Sentinel or Defender Threat Intelligence."

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
		if worded.code == "" {
			hidden(ctx, log, g)
			worded = wording{code.Internal, "internal error"}
		}
		return &gqlerror.Error{
			Message: worded.message, Path: g.Path, Locations: g.Locations, Extensions: coded(worded.code, extensions),
		}
	}
}

// hidden logs an error that the caller does not see. Failed requests are in the log already, once each, whereas one of
// them can be an error of hundreds of fields.
func hidden(ctx context.Context, log *slog.Logger, g *gqlerror.Error) {
	if _, upstream := errors.AsType[*msgraph.Error](g.Err); !upstream {
		log.ErrorContext(ctx, "internal error hidden from the caller", "error", g.Err.Error(), "path", g.Path.String())
	}
}

func coded(name string, extensions map[string]any) map[string]any {
	if extensions == nil {
		extensions = map[string]any{}
	}
	extensions["code"] = name
	return extensions
}

// word finds the words for an error; the zero wording means that there are none.
func word(err error) (wording, map[string]any) {
	var (
		upstream *msgraph.Error
		identity *auth.Error
		id       *threatintel.IDError
		input    *threatintel.InputError
		limit    *plan.LimitError
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
		return wording{code.BadUserInput, input.Error()}, nil
	case errors.As(err, &limit):
		return wording{limit.Code, limit.Error()}, map[string]any{"allowed": limit.Allowed}
	case errors.As(err, &budget):
		return wording{code.LimitUpstreamRequests, budget.Error()}, map[string]any{"allowed": budget.Allowed}
	case errors.As(err, &quota):
		return wording{code.RateLimited, quota.Error()}, map[string]any{"retryAfterSeconds": quota.wait()}
	case errors.Is(err, errOverloaded):
		return wording{code.Overloaded, "Portico has too many operations in flight. Retry in a second."},
			map[string]any{"retryAfterSeconds": transport.OverloadPause}
	case errors.Is(err, context.DeadlineExceeded):
		return wording{code.DeadlineExceeded, "The operation took longer than the deadline allows."}, nil
	case errors.Is(err, context.Canceled):
		return wording{code.Cancelled, "The caller disconnected."}, nil
	}
	return wording{}, nil
}

func wordIdentity(err *auth.Error) (wording, map[string]any) {
	extensions := map[string]any{}
	if err.Claims != "" {
		extensions["claims"] = err.Claims
	}
	if err.RetryAfter > 0 {
		extensions["retryAfterSeconds"] = seconds(err.RetryAfter)
	}
	return wording{err.Code, err.Message}, extensions
}

func wordID(err *threatintel.IDError) (wording, map[string]any) {
	if err.Hint == "" {
		return wording{code.BadID, err.Error()}, nil
	}
	return wording{code.BadID, err.Error()}, map[string]any{"hint": err.Hint}
}

func wordUpstream(err *msgraph.Error) (wording, map[string]any) {
	worded, known := byKind[err.Kind]
	if err.Kind == msgraph.Refused {
		worded, known = wordStatus(err.Status), true
	}
	switch {
	case !known:
		return wording{}, nil
	case err.Status == http.StatusForbidden && err.Kind == msgraph.Refused:
		return wording{worded.code, join(worded.message, err.Message)}, map[string]any{"hint": forbiddenHint}
	case err.RetryAfter > 0:
		return worded, map[string]any{"retryAfterSeconds": seconds(err.RetryAfter)}
	}
	return worded, nil
}

// wordStatus words any status from 400 on. One that the table lacks goes by its class.
func wordStatus(status int) wording {
	if worded, known := byStatus[status]; known {
		return worded
	}
	if status < http.StatusInternalServerError {
		return wording{code.UpstreamBadRequest, fmt.Sprintf("Microsoft Graph rejected the request (HTTP %d).", status)}
	}
	return wording{code.UpstreamFailed, fmt.Sprintf("Microsoft Graph failed (HTTP %d).", status)}
}

func join(ours, theirs string) string {
	if theirs == "" {
		return ours
	}
	return ours + ": " + theirs
}

// seconds rounds up, so that a caller who waits that long does not retry too early.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// refusal words an error that refuses a whole operation.
func refusal(err error) *gqlerror.Error {
	if unread, ok := errors.AsType[*gqlerror.Error](err); ok {
		return refuse(unread, code.BadUserInput)[0]
	}
	worded, extensions := word(err)
	return &gqlerror.Error{Message: worded.message, Extensions: coded(worded.code, extensions)}
}

func refuse(err *gqlerror.Error, name string) gqlerror.List {
	errcode.Set(err, name)
	return gqlerror.List{err}
}
