package emulator

import (
	"net/http"
	"regexp"
	"strconv"
)

// usualEntra holds the error that the token endpoint usually has for a status.
var usualEntra = map[int]entraError{
	http.StatusBadRequest:          {code: "invalid_request", number: 90014, message: "The request is not valid."},
	http.StatusUnauthorized:        {code: "invalid_client", number: 7000215, message: "Invalid client secret provided."},
	http.StatusNotFound:            {code: "not_found", message: "Identity not found"},
	http.StatusTooManyRequests:     {code: "temporarily_unavailable", number: 50196, message: "The server terminated an operation because it encountered a loop while processing a request."},
	http.StatusInternalServerError: {code: "server_error", number: 90033, message: "A transient error has occurred. Please try again."},
	http.StatusServiceUnavailable:  {code: "temporarily_unavailable", number: 90033, message: "A transient error has occurred. Please try again."},
	http.StatusGatewayTimeout:      {code: "temporarily_unavailable", number: 90024, message: "RequestBudgetExceededError. A transient error has occurred."},
}

// failToken lets a fault answer a token request. It reports whether it did.
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
	if !ok { // how an answer travels does not depend on what it says
		ans = answer{status: http.StatusOK, body: []byte(`{"token_type":"Bearer","expires_in":3599,"access_token":""}`)}
		f.spoil(&ans)
	}
	e.log.endToken(entry, ans.status)
	e.send(w, r, c, &ans)
	return true
}

var aadsts = regexp.MustCompile(`^AADSTS(\d+): `)

// entra returns the fault's error in Entra ID's form.
func (f *Fault) entra() *entraError {
	g, known := usualEntra[f.Status]
	if !known {
		g.code = "server_error"
	}
	g.status, g.claims = f.Status, f.Claims
	if f.Code != "" {
		g.code, g.message, g.number = f.Code, f.Message, 0
	}
	if m := aadsts.FindStringSubmatch(g.message); m != nil {
		g.number, _ = strconv.Atoi(m[1]) // digits
		g.message = g.message[len(m[0]):]
	}
	return &g
}
