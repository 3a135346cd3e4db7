package emulator

import (
	"encoding/base64"
	"fmt"
	"net/http"

	"portico/emulator/entra"
	"portico/emulator/odata"
)

// usual holds the code and message that Microsoft Graph usually sends with a status.
// https://learn.microsoft.com/graph/errors, https://learn.microsoft.com/graph/throttling
var usual = map[int]odata.Error{
	http.StatusBadRequest:            {Code: "BadRequest", Message: "The request is invalid."},
	http.StatusUnauthorized:          {Code: "InvalidAuthenticationToken", Message: "Access token validation failure."},
	http.StatusPaymentRequired:       {Code: "PaymentRequired", Message: "Payment required."},
	http.StatusForbidden:             {Code: errForbidden.Code, Message: errForbidden.Message},
	http.StatusNotFound:              {Code: errUnknownKey.Code, Message: errUnknownKey.Message},
	http.StatusProxyAuthRequired:     {Code: "ProxyAuthenticationRequired", Message: "The proxy requires authentication."},
	http.StatusRequestTimeout:        {Code: "RequestTimeout", Message: "The request timed out."},
	http.StatusUnprocessableEntity:   {Code: "UnprocessableEntity", Message: "Cannot process the request."},
	http.StatusLocked:                {Code: "resourceLocked", Message: "The resource that is being accessed is locked."},
	http.StatusNotImplemented:        {Code: "NotImplemented", Message: "This request is not implemented."},
	509:                              {Code: "BandwidthLimitExceeded", Message: "The bandwidth cap has been exceeded."},
	http.StatusRequestEntityTooLarge: {Code: errTooLarge.Code, Message: errTooLarge.Message},
	http.StatusFailedDependency:      {Code: errDependency.Code, Message: errDependency.Message},
	http.StatusTooManyRequests:       {Code: "TooManyRequests", Message: "Please retry again later."},
	http.StatusInternalServerError:   {Code: "generalException", Message: "Error retrieving data"},
	http.StatusBadGateway:            {Code: "BadGateway", Message: "The server received an invalid response."},
	http.StatusServiceUnavailable:    {Code: "ServiceUnavailable", Message: "The service is unavailable."},
	http.StatusGatewayTimeout:        {Code: "GatewayTimeout", Message: "The gateway timed out."},
}

// refusal returns the fault's error.
func (f *Fault) refusal() *odata.Error {
	g, known := usual[f.Status]
	if !known {
		g.Code = "UnknownError"
	}
	g.Status = f.Status
	if f.Code != "" {
		g.Code, g.Message = f.Code, f.Message
	}
	if f.Effect == EffectClaimsChallenge {
		g.Message = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: " +
			"TokenIssuedBeforeRevocationTimestamp"
	}
	return &g
}

// challenge returns the header that contains the claims.
// https://learn.microsoft.com/entra/identity-platform/claims-challenge
func (f *Fault) challenge(c *call) string {
	claims := f.Claims
	if claims == "" {
		claims = fmt.Sprintf(`{"access_token":{"nbf":{"essential":true,"value":"%d"}}}`, c.now.Unix())
	}
	return fmt.Sprintf(`Bearer realm="", authorization_uri="%s/common/oauth2/authorize", client_id="%s", `+
		`error="insufficient_claims", claims="%s"`,
		c.at, entra.GraphAppID, base64.StdEncoding.EncodeToString([]byte(claims)))
}

// webPage returns a page as a gateway in front of the service may send it.
func webPage(status int) string {
	return fmt.Sprintf("<!doctype html><html lang=\"en\"><head><title>HTTP Status %d</title></head>"+
		"<body><h1>HTTP Status %[1]d</h1><p>An error occurred.</p></body></html>", status)
}
