package emulator

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"portico/emulator/entra"
)

// maxControl is the maximum size of a control request's body in bytes.
const maxControl = 8 << 20

// serveControl serves the control routes, which the real service does not have.
func (e *Emulator) serveControl(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Origin") != "" {
		controlError(w, http.StatusForbidden, "Cross-origin requests are not allowed.")
		return
	}
	route := strings.Trim(strings.TrimPrefix(r.URL.Path, "/_emulator"), "/")
	if set, ok := strings.CutPrefix(route, "entities/"); ok {
		e.controlEntities(w, r, set)
		return
	}
	if strings.HasPrefix(route, "lists/") {
		e.controlList(w, r)
		return
	}
	routes := map[string]func(http.ResponseWriter, *http.Request){
		"GET ":               e.controlIndex,
		"GET world":          e.controlWorld,
		"GET faults":         e.controlPending,
		"POST faults":        e.controlFail,
		"DELETE faults":      e.controlClear,
		"GET clock":          e.controlClock,
		"POST clock/advance": e.controlAdvance,
		"GET requests":       e.controlRequests,
		"DELETE requests":    e.controlReset,
		"POST tokens":        e.controlTokens,
		"GET authorization":  e.controlAuthorization,
		"POST keys":          e.controlRollKey,
		"DELETE keys":        e.controlWithdrawKeys,
	}
	handle, ok := routes[r.Method+" "+route]
	if !ok {
		controlError(w, http.StatusNotFound, "Unknown control route "+r.Method+" "+r.URL.Path+"; GET /_emulator lists them.")
		return
	}
	handle(w, r)
}

func controlError(w http.ResponseWriter, status int, message string) {
	control(w, status, map[string]string{"error": message})
}

func control(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	_ = out.Encode(value) // the caller may have disconnected
}

// controlBody reads a JSON body. If it cannot, it responds with the error and reports false.
func controlBody(w http.ResponseWriter, r *http.Request, into any) bool {
	in := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControl))
	in.DisallowUnknownFields()
	if err := in.Decode(into); err != nil {
		controlError(w, http.StatusBadRequest, "reading body: "+err.Error())
		return false
	}
	return true
}

func (e *Emulator) controlIndex(w http.ResponseWriter, r *http.Request) {
	c := e.newCall(r)
	base := c.at.String()
	control(w, http.StatusOK, map[string]any{
		"msgraph":   base + "/v1.0",
		"authority": base + "/" + e.Tenant(),
		"tenant":    e.Tenant(),
		"clientId":  e.ClientID(),
		"audience":  e.Audience(),
		"example":   base + "/v1.0/security/threatIntelligence/hostPorts/" + ExamplePortID,
		"control": []string{
			"GET /_emulator/world",
			"GET, POST, DELETE /_emulator/faults",
			"GET /_emulator/clock", "POST /_emulator/clock/advance",
			"GET, DELETE /_emulator/requests",
			"POST /_emulator/tokens", "GET /_emulator/authorization", "POST, DELETE /_emulator/keys",
			"PUT /_emulator/entities/{set}", "DELETE /_emulator/entities/{set}/{id}",
			"GET, PUT /_emulator/lists/{path}",
		},
	})
}

// controlRollKey makes Entra ID sign with a new key and publish it beside the others.
func (e *Emulator) controlRollKey(w http.ResponseWriter, _ *http.Request) {
	e.RollKey()
	control(w, http.StatusOK, e.KeySet())
}

// controlWithdrawKeys makes Entra ID publish no key but the one that it signs with.
func (e *Emulator) controlWithdrawKeys(w http.ResponseWriter, _ *http.Request) {
	e.WithdrawKeys()
	control(w, http.StatusOK, e.KeySet())
}

func (e *Emulator) controlClock(w http.ResponseWriter, _ *http.Request) {
	control(w, http.StatusOK, map[string]any{
		"now": e.Now().UTC().Format(time.RFC3339Nano), "moved": time.Duration(e.clock.moved.Load()).String(),
	})
}

func (e *Emulator) controlAdvance(w http.ResponseWriter, r *http.Request) {
	var body struct {
		By string `json:"by"`
	}
	if !controlBody(w, r, &body) {
		return
	}
	d, err := time.ParseDuration(body.By)
	if err != nil {
		controlError(w, http.StatusBadRequest, `"by" must be a duration such as "1h30m" (got "`+body.By+`").`)
		return
	}
	e.Advance(d)
	e.controlClock(w, r)
}

func (e *Emulator) controlReset(w http.ResponseWriter, _ *http.Request) {
	e.ResetLog()
	w.WriteHeader(http.StatusNoContent)
}

// A loggedRequest is a [Request] or an [EarlyRequest] as JSON.
type loggedRequest struct {
	Time   time.Time    `json:"time"`
	Method string       `json:"method"`
	URL    string       `json:"url"`
	Status int          `json:"status,omitempty"`
	Items  []loggedItem `json:"items,omitempty"`
	Early  string       `json:"early,omitempty"`
}

type loggedItem struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

func (e *Emulator) controlRequests(w http.ResponseWriter, _ *http.Request) {
	requests, early := []loggedRequest{}, []loggedRequest{}
	for _, r := range e.Requests() {
		entry := loggedRequest{Time: r.Time, Method: r.Method, URL: r.URL, Status: r.Status}
		for _, it := range r.Items {
			entry.Items = append(entry.Items, loggedItem(it))
		}
		requests = append(requests, entry)
	}
	for _, r := range e.EarlyRequests() {
		early = append(early, loggedRequest{Time: r.Time, Method: r.Method, URL: r.URL, Early: r.Early.String()})
	}
	control(w, http.StatusOK, map[string]any{
		"requests": requests, "early": early, "tokenRequests": e.TokenRequests(),
	})
}

// A tokenForm is the body of POST /_emulator/tokens.
type tokenForm struct {
	Kind     string         `json:"kind"` // "user", "app" or "federated"
	User     string         `json:"user"` // object id of the user
	Subject  string         `json:"subject"`
	Audience string         `json:"audience"`
	Scope    *string        `json:"scope"`
	Roles    []string       `json:"roles"`
	Lifetime string         `json:"lifetime"`
	Claims   map[string]any `json:"claims"`
}

func (e *Emulator) controlTokens(w http.ResponseWriter, r *http.Request) {
	var form tokenForm
	if !controlBody(w, r, &form) {
		return
	}
	opts, err := form.options()
	if err != nil {
		controlError(w, http.StatusBadRequest, err.Error())
		return
	}
	var token string
	switch form.Kind {
	case "", "user":
		if form.User == "" {
			form.User = "00000000-0000-4000-8000-000000000001"
		}
		token = e.UserToken(form.User, opts...)
	case "app":
		token = e.AppToken(opts...)
	case "federated":
		if form.Subject == "" {
			form.Subject = DefaultSubject
		}
		token = e.FederatedToken(form.Subject, opts...)
	default:
		controlError(w, http.StatusBadRequest, `"kind" must be "user", "app" or "federated" (got "`+form.Kind+`").`)
		return
	}
	control(w, http.StatusOK, map[string]string{"access_token": token})
}

// controlAuthorization returns a header line with an app-only token, for curl -H.
func (e *Emulator) controlAuthorization(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, "Authorization: Bearer "+e.AppToken()) // the caller may have disconnected
}

func (f *tokenForm) options() ([]entra.TokenOption, error) {
	var opts []entra.TokenOption
	if f.Audience != "" {
		opts = append(opts, entra.WithAudience(f.Audience))
	}
	if f.Scope != nil {
		opts = append(opts, entra.WithScope(*f.Scope))
	}
	if f.Roles != nil {
		opts = append(opts, entra.WithRoles(f.Roles...))
	}
	if f.Lifetime != "" {
		d, err := time.ParseDuration(f.Lifetime)
		if err != nil {
			return nil, err
		}
		opts = append(opts, entra.WithLifetime(d))
	}
	for name, value := range f.Claims {
		opts = append(opts, entra.WithClaim(name, value))
	}
	return opts, nil
}

// controlEntities adds, replaces and removes entities.
func (e *Emulator) controlEntities(w http.ResponseWriter, r *http.Request, route string) {
	set, id, named := strings.Cut(route, "/")
	switch {
	case e.model.Set(set) == nil:
		controlError(w, http.StatusNotFound, "Unknown set "+set+"; docs/emulator.md lists all.")
	case r.Method == http.MethodPut && !named:
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControl))
		if err == nil {
			err = e.Put(set, string(text))
		}
		if err != nil {
			controlError(w, http.StatusBadRequest, err.Error())
			return
		}
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodDelete && named:
		e.Remove(set, id)
		w.WriteHeader(http.StatusNoContent)
	default:
		controlError(w, http.StatusMethodNotAllowed,
			"Allowed: PUT /_emulator/entities/{set} and DELETE /_emulator/entities/{set}/{id}.")
	}
}
