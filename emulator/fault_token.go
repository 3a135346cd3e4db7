package emulator

import (
	"net/http"
	"regexp"
	"strconv"

	"portico/emulator/entra"
)

// usualEntra holds the error that the token endpoint usually sends with a status.
var usualEntra = map[int]entra.Error{
	http.StatusBadRequest:   {Code: "invalid_request", Number: 90014, Message: "The request is not valid."},
	http.StatusUnauthorized: {Code: "invalid_client", Number: 7000215, Message: "Invalid client secret provided."},
	http.StatusNotFound:     {Code: "not_found", Message: "Identity not found"},
	http.StatusTooManyRequests: {
		Code: "temporarily_unavailable", Number: 50196,
		Message: "The server terminated an operation because it encountered a loop while processing a request.",
	},
	http.StatusInternalServerError: {
		Code: "server_error", Number: 90033,
		Message: "A transient error has occurred. Please try again.",
	},
	http.StatusServiceUnavailable: {
		Code: "temporarily_unavailable", Number: 90033,
		Message: "A transient error has occurred. Please try again.",
	},
	http.StatusGatewayTimeout: {
		Code: "temporarily_unavailable", Number: 90024,
		Message: "RequestBudgetExceededError. A transient error has occurred.",
	},
}

// failToken responds to a token request with a fault. It reports whether it did.
func (e *Emulator) failToken(w http.ResponseWriter, r *http.Request, c *call, f *Fault, entry *TokenRequest) bool {
	pause(r.Context(), f.Latency)
	if f.Effect == "" {
		return false
	}
	if f.Effect == EffectError {
		ans := answer{status: f.Status}
		f.dress(&ans, c)
		e.early.promise(c, f, r.URL.Path, ans.header)
		for _, line := range ans.header {
			w.Header().Set(line.name, line.value)
		}
		e.log.endToken(entry, ans.status)
		e.writeEntraError(w, c, f.entra())
		return true
	}
	buf := takeBuffer()
	defer giveBuffer(buf)
	ans, ok := f.answer(e, c, r.URL.Path, buf)
	if !ok { // how a body is sent does not depend on its content
		ans = answer{status: http.StatusOK, body: []byte(`{"token_type":"Bearer","expires_in":3599,"access_token":""}`)}
		f.spoil(&ans)
	}
	e.log.endToken(entry, ans.status)
	e.send(w, r, c, &ans)
	return true
}

var aadsts = regexp.MustCompile(`^AADSTS(\d+): `)

// entra returns the fault's error in Entra ID's form.
func (f *Fault) entra() *entra.Error {
	g, known := usualEntra[f.Status]
	if !known {
		g.Code = "server_error"
	}
	g.Status, g.Claims = f.Status, f.Claims
	if f.Code != "" {
		g.Code, g.Message, g.Number = f.Code, f.Message, 0
	}
	if m := aadsts.FindStringSubmatch(g.Message); m != nil {
		g.Number, _ = strconv.Atoi(m[1]) // digits
		g.Message = g.Message[len(m[0]):]
	}
	return &g
}
