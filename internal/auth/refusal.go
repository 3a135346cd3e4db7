package auth

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"
	"unicode"

	"portico/graph/code"
	"portico/internal/failure"
	"portico/internal/redact"
	"portico/internal/shorten"
)

// refusal is what was overheard of a token request that failed: the answer's own fields (RFC 6749, 5.2, and what
// Microsoft Entra ID adds), or why there was none.
type refusal struct {
	status      int
	name        string // error
	description string // error_description
	claims      string
	pause       time.Duration
	cause       error
}

type refusalKey struct{}

// listening returns a context whose token requests leave their last refusal in r.
func listening(ctx context.Context, r *refusal) context.Context {
	return context.WithValue(ctx, refusalKey{}, r)
}

func overhear(ctx context.Context, heard refusal) {
	if r, ok := ctx.Value(refusalKey{}).(*refusal); ok {
		*r = heard
	}
}

func readRefusal(doc document) refusal {
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Claims      string `json:"claims"`
	}
	r := refusal{status: doc.status}
	r.pause, _ = retryAfter(doc)
	if json.Unmarshal(doc.body, &body) == nil {
		r.name, r.description, r.claims = body.Error, body.Description, decodeClaims(body.Claims)
	}
	return r
}

var codePattern = regexp.MustCompile(`^AADSTS[0-9]{4,9}`)

// code returns the AADSTS code, or "".
func (r refusal) code() string { return codePattern.FindString(r.description) }

// summary is the first line of the description, without the identifiers that follow it.
func (r refusal) summary(secrets []string) string {
	text := r.description
	for _, end := range []string{"\r", "\n", " Trace ID:", " Correlation ID:", " Timestamp:"} {
		text, _, _ = strings.Cut(text, end)
	}
	return firstLine(redact.Text(text, secrets...))
}

// firstLine returns the first line of message without control characters, cut to 240 bytes.
func firstLine(message string) string {
	if end := strings.IndexAny(message, "\r\n"); end >= 0 {
		message = message[:end]
	}
	return strings.TrimSpace(shorten.To(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return -1
		}
		return c
	}, message), 240))
}

// hints say what to do about the refusals that people meet.
var hints = map[string]string{
	"AADSTS50013":   "Entra ID did not accept the caller's token as an assertion",
	"AADSTS50196":   "too many identical token requests",
	"AADSTS65001":   "an administrator has to consent to ThreatIntelligence.Read.All",
	"AADSTS70021":   "the federated credential of the app registration does not match issuer, subject or audience",
	"AADSTS90002":   "check the tenant id",
	"AADSTS700016":  "check the client id, and that the app registration is in this tenant",
	"AADSTS700024":  "the assertion's time range is invalid: check the clock",
	"AADSTS700027":  "the certificate is not the one registered for the app",
	"AADSTS7000215": "check the client secret: its value, not its id",
	"AADSTS7000222": "the client secret has expired",
}

// callerRefused holds the codes that, on behalf of a caller, speak of the caller's token and not of the application.
var callerRefused = map[string]bool{
	"AADSTS50013": true, "AADSTS50027": true, "AADSTS500131": true, "AADSTS500133": true,
	"AADSTS50173": true, "AADSTS70043": true, "AADSTS700082": true,
}

// flow is what a token request was for, as far as its refusal is told differently.
type flow struct {
	// refused begins the message.
	refused string
	// delegated is set if the request was on behalf of a caller.
	delegated bool
	// secrets are what no text may hold.
	secrets []string
}

// explain turns the refusal into the error that callers and logs see.
func (r refusal) explain(f flow) *Error {
	e := &Error{Code: code.UpstreamAuth, RetryAfter: r.pause}
	if r.status == 0 {
		e.Message, e.Err, e.class = "getting a token: "+reason(r.cause), safeCause(r.cause), failure.Response
		if r.cause != nil {
			e.class = failure.Class(r.cause)
		}
		return e
	}
	e.Message = f.refused + ": " + r.text(f.secrets)
	if !redact.Clean(r.claims, f.secrets...) {
		r.claims = ""
	}
	switch aadsts := r.code(); {
	case f.delegated && (r.claims != "" || r.name == "interaction_required"):
		e.Code, e.Claims = code.ClaimsChallenge, r.claims
	case f.delegated && callerRefused[aadsts]:
		e.Code = code.Unauthenticated
	case aadsts == "AADSTS50196" && e.RetryAfter == 0:
		e.RetryAfter = time.Minute
	}
	return e
}

var namePattern = regexp.MustCompile(`^[a-z_]{1,40}$`)

// text is what Microsoft Entra ID says, if it is in its usual form, and what to do.
func (r refusal) text(secrets []string) string {
	code, text := r.code(), r.summary(secrets)
	switch {
	case code == "" && namePattern.MatchString(r.name):
		return fmt.Sprintf("HTTP status %d, %s", r.status, r.name)
	case code == "":
		return fmt.Sprintf("HTTP status %d", r.status)
	}
	if hint := hints[code]; hint != "" {
		text = strings.TrimSuffix(text, ".") + "; " + hint
	}
	return text
}

// errDeclined says that a token was given, but not for the scope that was asked for.
var errDeclined = errors.New("scope declined")

// reason puts in words why there was no answer, without address or header.
func reason(err error) string {
	var (
		authority  x509.UnknownAuthorityError
		hostname   x509.HostnameError
		invalid    x509.CertificateInvalidError
		resolution *net.DNSError
		dial       *net.OpError
		proxy      interface {
			error
			Proxy()
		}
	)
	switch {
	case errors.As(err, &proxy):
		return "the token endpoint cannot be reached: " + proxy.Error()
	case errors.As(err, &dial) && dial.Op == "proxyconnect":
		return "the token endpoint cannot be reached: the proxy (HTTPS_PROXY) cannot be reached"
	case errors.Is(err, errPaused):
		return "the token endpoint is throttling requests"
	case errors.Is(err, errDeclined):
		return "Microsoft Entra ID did not grant the requested scope"
	case errors.Is(err, context.DeadlineExceeded):
		return "the token endpoint did not respond in time"
	case errors.As(err, &authority), errors.As(err, &hostname), errors.As(err, &invalid):
		return "the TLS certificate of the token endpoint is not trusted"
	case errors.As(err, &resolution):
		return "the name of the token endpoint does not resolve"
	case err == nil:
		return "the response of the token endpoint is invalid"
	}
	return "the token endpoint cannot be reached"
}

// safeCause keeps of a cause what names neither address nor content.
func safeCause(err error) error {
	for _, safe := range []error{context.DeadlineExceeded, context.Canceled, errPaused} {
		if errors.Is(err, safe) {
			return safe
		}
	}
	return nil
}
