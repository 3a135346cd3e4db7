package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// A faultForm is a [Fault] as JSON.
type faultForm struct {
	Kind       Kind              `json:"kind,omitempty"`
	Match      string            `json:"match,omitempty"`
	Count      int               `json:"count,omitempty"`
	Latency    string            `json:"latency,omitempty"`
	Effect     Effect            `json:"effect,omitempty"`
	Status     int               `json:"status,omitempty"`
	Code       string            `json:"code,omitempty"`
	Message    string            `json:"message,omitempty"`
	RetryAfter string            `json:"retryAfter,omitempty"`
	Claims     string            `json:"claims,omitempty"`
	Header     map[string]string `json:"header,omitempty"`
	Text       string            `json:"text,omitempty"`
	Property   string            `json:"property,omitempty"`
	Cut        string            `json:"cut,omitempty"`
	Size       int64             `json:"size,omitempty"`
}

// effects holds each effect with its default status.
var effects = map[Effect]int{
	"": 0, EffectError: 500, EffectClaimsChallenge: 401, EffectHTML: 500, EffectBody: 200, EffectTorn: 0,
	EffectResetBefore: 0, EffectResetAfterHeaders: 0, EffectResetMidBody: 0, EffectStall: 0, EffectHuge: 200,
	EffectRedirect: 302, EffectPatch: 0, EffectDuplicateItem: 0, EffectMissingItem: 0, EffectUnaskedItem: 0,
	EffectItemIDCase: 0, EffectBase64Body: 0, EffectMissingBody: 0, EffectStatusAsString: 0,
	EffectNextLinkLoop: 0, EffectNextLinkHost: 0, EffectNextLinkForm: 0, EffectPartial: 0, EffectEmptyPage: 0,
}

// fault reads and checks the form.
func (f *faultForm) fault() (Fault, error) {
	out := Fault{
		Kind: f.Kind, Match: f.Match, Count: f.Count, Effect: f.Effect, Status: f.Status, Code: f.Code,
		Message: f.Message, RetryAfter: f.RetryAfter, Claims: f.Claims, Header: f.Header, Text: f.Text,
		Property: f.Property, Cut: f.Cut, Size: f.Size,
	}
	if out.Effect == "" && out.Status != 0 {
		out.Effect = EffectError
	}
	status, known := effects[out.Effect]
	if !known {
		return out, fmt.Errorf("unknown effect %q; docs/emulator.md lists all", out.Effect)
	}
	if out.Status == 0 {
		out.Status = status
	}
	switch out.Kind {
	case AnyResource, LoneGet, Batch, Item, Token:
	default:
		return out, fmt.Errorf(`"kind" must be "get", "batch", "item", "token" or empty (got %q)`, out.Kind)
	}
	if out.Status != 0 && (out.Status < 200 || out.Status > 599) {
		return out, fmt.Errorf(`"status" must be between 200 and 599 (got %d)`, out.Status)
	}
	var err error
	if f.Latency != "" {
		out.Latency, err = time.ParseDuration(f.Latency)
	}
	return out, err
}

func formOf(f Fault) faultForm {
	form := faultForm{
		Kind: f.Kind, Match: f.Match, Count: f.Count, Effect: f.Effect, Status: f.Status, Code: f.Code,
		Message: f.Message, RetryAfter: f.RetryAfter, Claims: f.Claims, Header: f.Header, Text: f.Text,
		Property: f.Property, Cut: f.Cut, Size: f.Size,
	}
	if f.Latency != 0 {
		form.Latency = f.Latency.String()
	}
	return form
}

// controlFail queues one fault or a list of them.
func (e *Emulator) controlFail(w http.ResponseWriter, r *http.Request) {
	var body json.RawMessage
	if !controlBody(w, r, &body) {
		return
	}
	if !bytes.HasPrefix(body, []byte("[")) {
		body = append(append([]byte{'['}, body...), ']')
	}
	var forms []faultForm
	in := json.NewDecoder(bytes.NewReader(body))
	in.DisallowUnknownFields()
	if err := in.Decode(&forms); err != nil {
		controlError(w, http.StatusBadRequest, "reading faults: "+err.Error())
		return
	}
	faults := make([]Fault, len(forms))
	for i := range forms {
		var err error
		if faults[i], err = forms[i].fault(); err != nil {
			controlError(w, http.StatusBadRequest, err.Error())
			return
		}
	}
	e.Fail(faults...)
	e.controlPending(w, r)
}

func (e *Emulator) controlPending(w http.ResponseWriter, _ *http.Request) {
	forms := []faultForm{}
	for _, f := range e.PendingFaults() {
		forms = append(forms, formOf(f))
	}
	control(w, http.StatusOK, map[string]any{"faults": forms})
}

func (e *Emulator) controlClear(w http.ResponseWriter, _ *http.Request) {
	e.ClearFaults()
	w.WriteHeader(http.StatusNoContent)
}
