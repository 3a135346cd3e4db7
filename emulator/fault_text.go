package emulator

import (
	"encoding/base64"
	"fmt"
	"net/http"
)

// usual holds the code and message that Microsoft Graph usually has for a status.
// https://learn.microsoft.com/graph/errors, https://learn.microsoft.com/graph/throttling
var usual = map[int]graphError{
	http.StatusBadRequest:            {code: "BadRequest", message: "The request is invalid."},
	http.StatusUnauthorized:          {code: "InvalidAuthenticationToken", message: "Access token validation failure."},
	http.StatusPaymentRequired:       {code: "PaymentRequired", message: "Payment required."},
	http.StatusForbidden:             {code: errForbidden.code, message: errForbidden.message},
	http.StatusNotFound:              {code: errUnknownKey.code, message: errUnknownKey.message},
	http.StatusProxyAuthRequired:     {code: "ProxyAuthenticationRequired", message: "The proxy requires authentication."},
	http.StatusRequestTimeout:        {code: "RequestTimeout", message: "The request timed out."},
	http.StatusUnprocessableEntity:   {code: "UnprocessableEntity", message: "Cannot process the request."},
	http.StatusLocked:                {code: "resourceLocked", message: "The resource that is being accessed is locked."},
	http.StatusNotImplemented:        {code: "NotImplemented", message: "This request is not implemented."},
	509:                              {code: "BandwidthLimitExceeded", message: "The bandwidth cap has been exceeded."},
	http.StatusRequestEntityTooLarge: {code: errTooLarge.code, message: errTooLarge.message},
	http.StatusFailedDependency:      {code: errDependency.code, message: errDependency.message},
	http.StatusTooManyRequests:       {code: "TooManyRequests", message: "Please retry again later."},
	http.StatusInternalServerError:   {code: "generalException", message: "Error retrieving data"},
	http.StatusBadGateway:            {code: "BadGateway", message: "The server received an invalid response."},
	http.StatusServiceUnavailable:    {code: "ServiceUnavailable", message: "The service is unavailable."},
	http.StatusGatewayTimeout:        {code: "GatewayTimeout", message: "The gateway timed out."},
}

// refusal returns the fault's error.
func (f *Fault) refusal(c *call) *graphError {
	g, known := usual[f.Status]
	if !known {
		g.code = "UnknownError"
	}
	g.status = f.Status
	if f.Code != "" {
		g.code, g.message = f.Code, f.Message
	}
	if f.Effect == EffectClaimsChallenge {
		g.message = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp"
		g.header = []headerLine{{"WWW-Authenticate", f.challenge(c)}}
	}
	return &g
}

// challenge renders the header that carries the claims.
// https://learn.microsoft.com/entra/identity-platform/claims-challenge
func (f *Fault) challenge(c *call) string {
	claims := f.Claims
	if claims == "" {
		claims = fmt.Sprintf(`{"access_token":{"nbf":{"essential":true,"value":"%d"}}}`, c.now.Unix())
	}
	return fmt.Sprintf(`Bearer realm="", authorization_uri="%s%s/common/oauth2/authorize", client_id="%s", `+
		`error="insufficient_claims", claims="%s"`,
		c.scheme, c.host, graphAppID, base64.StdEncoding.EncodeToString([]byte(claims)))
}

// webPage is what a gateway in front of the service may answer.
func webPage(status int) string {
	return fmt.Sprintf("<!doctype html><html lang=\"en\"><head><title>HTTP Status %d</title></head>"+
		"<body><h1>HTTP Status %[1]d</h1><p>An error occurred.</p></body></html>", status)
}
