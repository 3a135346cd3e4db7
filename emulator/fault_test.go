package emulator_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"portico/emulator"
)

const host = ti + "hosts/contoso.com"

func TestStatusFaults(t *testing.T) {
	for name, row := range map[string]struct {
		fault   emulator.Fault
		status  int
		code    string
		message string
		header  string // Retry-After
	}{
		"429, 2 s":         {emulator.TooManyRequests("2"), 429, "TooManyRequests", "Please retry again later.", "2"},
		"429, a fraction":  {emulator.TooManyRequests("0.249"), 429, "TooManyRequests", "", "0.249"},
		"429, soon":        {emulator.TooManyRequests("soon"), 429, "TooManyRequests", "", "soon"},
		"429, no header":   {emulator.TooManyRequests(""), 429, "TooManyRequests", "", ""},
		"500":              {emulator.Failure(500), 500, "generalException", "Error retrieving data", ""},
		"502":              {emulator.Failure(502), 502, "BadGateway", "", ""},
		"503":              {emulator.Failure(503), 503, "ServiceUnavailable", "", ""},
		"504":              {emulator.Failure(504), 504, "GatewayTimeout", "", ""},
		"404":              {emulator.Failure(404), 404, "NotFound", "", ""},
		"403, a message":   {emulator.Refusal(403, "Forbidden", "This tenant must be verified."), 403, "Forbidden", "This tenant must be verified.", ""},
		"an empty message": {emulator.Refusal(500, "UnknownError", ""), 500, "UnknownError", "", ""},
		"401":              {emulator.Failure(401), 401, "InvalidAuthenticationToken", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			e, s := started(t)
			e.Fail(row.fault)
			got := fetch(t, s, "GET", host, e.AppToken(), "")
			if got.status != row.status || got.header.Get("Retry-After") != row.header {
				t.Fatalf("%d, Retry-After %q: %s", got.status, got.header.Get("Retry-After"), got.body)
			}
			wantRefusal(t, got.body, row.code, row.message)
			accepted(t, s, e.AppToken())
		})
	}
}

func TestRetryAfterDates(t *testing.T) {
	for form, layout := range map[string]string{
		"date": http.TimeFormat, "rfc850": time.RFC850, "asctime": time.ANSIC,
	} {
		e, s := started(t)
		e.Advance(-10 * time.Minute)
		e.Fail(emulator.TooManyRequests(form + "+90s"))
		got := fetch(t, s, "GET", host, e.AppToken(), "")
		at, err := time.Parse(layout, got.header.Get("Retry-After"))
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		from, _ := time.Parse(http.TimeFormat, got.header.Get("Date"))
		if wait := at.Sub(from); wait < 89*time.Second || wait > 91*time.Second {
			t.Errorf("%s: %v after Date", form, wait)
		}
	}
}

func TestClaimsChallenge(t *testing.T) {
	e, s := started(t)
	e.Fail(emulator.ClaimsChallenge(`{"access_token":{"acrs":{"value":"c1"}}}`))
	got := fetch(t, s, "GET", host, e.AppToken(), "")
	header := got.header.Get("WWW-Authenticate")
	_, claims, _ := strings.Cut(header, `claims="`)
	text, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(claims, `"`))
	if got.status != 401 || err != nil || !strings.Contains(string(text), "acrs") || !strings.Contains(header, "insufficient_claims") {
		t.Errorf("%d %s: %s, %v", got.status, header, text, err)
	}
}

func TestBodyFaults(t *testing.T) {
	e, s := started(t)
	whole := fetch(t, s, "GET", host, e.AppToken(), "").body
	for name, row := range map[string]struct {
		fault  emulator.Fault
		status int
		want   func(body string) bool
	}{
		"a page with 500":     {emulator.HTML(500), 500, isPage},
		"a page with 200":     {emulator.HTML(200), 200, isPage},
		"torn at 10 bytes":    {emulator.Torn("10"), 200, func(b string) bool { return b == whole[:10] }},
		"torn in the middle":  {emulator.Torn("50%"), 200, func(b string) bool { return b == whole[:len(whole)/2] }},
		"a raw body":          {emulator.RawBody(200, `{"value":null}`), 200, func(b string) bool { return b == `{"value":null}` }},
		"huge":                {emulator.Huge(3 << 20), 200, func(b string) bool { return len(b) == 3<<20 && strings.HasSuffix(b, `"}`) }},
		"a patched property":  {emulator.Patch("contoso", "registrar", `[1e99]`), 200, func(b string) bool { return strings.Contains(b, `"registrar":[1e99],`) }},
		"a removed property":  {emulator.Patch("", "registrar", ""), 200, func(b string) bool { return !strings.Contains(b, "registrar") && strings.Contains(b, "registrant") }},
		"an unknown property": {emulator.Patch("", "colour", "1"), 200, func(b string) bool { return b == whole }},
		"another URL":         {emulator.Patch("nowhere", "id", "1"), 200, func(b string) bool { return b == whole }},
		"a delay":             {emulator.Slow(time.Millisecond), 200, func(b string) bool { return b == whole }},
	} {
		t.Run(name, func(t *testing.T) {
			e.ClearFaults()
			e.Fail(row.fault)
			got := fetch(t, s, "GET", host, e.AppToken(), "")
			if got.status != row.status || !row.want(got.body) {
				t.Errorf("%d %.300s", got.status, got.body)
			}
		})
	}
}

func isPage(body string) bool { return strings.HasPrefix(body, "<!doctype html>") }

func TestPatchInside(t *testing.T) {
	e, s := started(t)
	e.Fail(emulator.Patch("ODUu", "banners.0.timesObserved", `"many"`), emulator.Patch("ODUu", "services", `null`))
	got := fetch(t, s, "GET", ti+examplePort+"?$select=banners,port", e.AppToken(), "")
	if !strings.Contains(got.body, `"scanProtocol":"telnet","timesObserved":"many"}]`) || !strings.HasPrefix(got.body, `{"value":{`) {
		t.Error(got.body)
	}
	got = fetch(t, s, "GET", ti+examplePort+"?$select=services,port", e.AppToken(), "")
	if !strings.Contains(got.body, `"port":21,"services":null`) {
		t.Error(got.body)
	}
}

func TestConnectionFaults(t *testing.T) {
	for _, plain := range []bool{false, true} {
		e := emulator.New(emulator.WithWorld(1))
		var opts []emulator.ServeOption
		if plain {
			opts = append(opts, emulator.PlainHTTP())
		}
		s, err := emulator.Start(e, opts...)
		if err != nil {
			t.Fatal(err)
		}
		for name, fault := range map[string]emulator.Fault{
			"before headers": emulator.Reset(), "after headers": emulator.ResetAfterHeaders(),
			"mid body": emulator.ResetMidBody("50%"),
		} {
			// A client may send a GET once more by itself where a kept connection breaks.
			e.Fail(fault.Times(4))
			if body, err := fetchRaw(t, s, e.AppToken(), time.Minute); err == nil {
				t.Errorf("plain %t, %s: got %q without an error", plain, name, body)
			}
			e.ClearFaults()
		}
		e.Fail(emulator.Stall("10"))
		from := time.Now()
		body, err := fetchRaw(t, s, e.AppToken(), 50*time.Millisecond)
		if err == nil || len(body) != 10 || time.Since(from) < 50*time.Millisecond {
			t.Errorf("plain %t, stall: %q, %v", plain, body, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// fetchRaw sends one GET and returns the part of the body that arrived.
func fetchRaw(t *testing.T, s *emulator.Server, token string, limit time.Duration) (string, error) {
	t.Helper()
	client := s.Client()
	client.Timeout = limit
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+host, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func TestRedirect(t *testing.T) {
	e, s := started(t)
	e.Fail(emulator.Redirect(307, "https://elsewhere.example/"))
	got := fetch(t, s, "GET", host, e.AppToken(), "")
	if got.status != 307 || got.header.Get("Location") != "https://elsewhere.example/" {
		t.Errorf("%d %v", got.status, got.header)
	}
}

func TestItemFaults(t *testing.T) {
	e, s := started(t)
	whole := fetch(t, s, "GET", ti+"hosts/192.0.2.1", e.AppToken(), "").body
	ask := func(t *testing.T, f emulator.Fault) string {
		t.Helper()
		e.ClearFaults()
		e.Fail(f.Matching("192.0.2.1"))
		got := fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), batch(item("a", "hosts/contoso.com"), item("b", "hosts/192.0.2.1")))
		if got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		return got.body
	}
	for name, row := range map[string]struct {
		fault emulator.Fault
		want  string
		not   string
	}{
		"429":                {emulator.TooManyRequests("0.249").On(emulator.Item), `"Retry-After":"0.249"},"body":{"error":{"code":"TooManyRequests"`, whole},
		"a page":             {emulator.HTML(200), `"body":"<!doctype html>`, whole},
		"the same id twice":  {emulator.ItemFault(emulator.EffectDuplicateItem), `"id":"b","status":200,"headers":{"Cache-Control":"no-store, no-cache","OData-Version":"4.0","Content-Type":"application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"},"body":{"id":"a second`, ``},
		"a missing id":       {emulator.ItemFault(emulator.EffectMissingItem), `"id":"a"`, `"id":"b"`},
		"an id of no item":   {emulator.ItemFault(emulator.EffectUnaskedItem), `"id":"unasked-b"`, ``},
		"an id in capitals":  {emulator.ItemFault(emulator.EffectItemIDCase), `"id":"B"`, `"id":"b"`},
		"a body in base64":   {emulator.ItemFault(emulator.EffectBase64Body), `"body":"` + base64.StdEncoding.EncodeToString([]byte(whole)) + `"`, whole},
		"no body":            {emulator.ItemFault(emulator.EffectMissingBody), `"id":"b"`, whole},
		"a status as string": {emulator.ItemFault(emulator.EffectStatusAsString), `"id":"b","status":"200"`, ``},
		"a patched property": {emulator.Patch("", "countryOrRegion", `7`), `"countryOrRegion":7,`, whole},
		"a raw body":         {emulator.RawBody(200, `[]`).On(emulator.Item), `"body":[]`, whole},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, row.fault)
			if !strings.Contains(got, row.want) || row.not != "" && strings.Contains(got, row.not) {
				t.Errorf("got %s\nwant %s\nnot %s", got, row.want, row.not)
			}
			if !json.Valid([]byte(got)) || !strings.Contains(got, "contoso.com") {
				t.Errorf("the other item is affected: %s", got)
			}
			if left := e.PendingFaults(); len(left) != 0 {
				t.Errorf("faults left: %v", left)
			}
		})
	}
}

func TestWholeBatchFaults(t *testing.T) {
	e, s := started(t)
	body := batch(item("1", "hosts/contoso.com"), item("2", "hosts/192.0.2.1"))
	e.Fail(emulator.TooManyRequests("1").On(emulator.Batch), emulator.Torn("50%").On(emulator.Batch))
	if got := fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), body); got.status != 429 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), body); got.status != 200 || json.Valid([]byte(got.body)) {
		t.Errorf("%d %s", got.status, got.body)
	}
	e.Fail(emulator.Failure(500).On(emulator.LoneGet))
	if got := fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), body); got.status != 200 || strings.Contains(got.body, "generalException") {
		t.Errorf("a fault for single GETs affected a batch: %s", got.body)
	}
}

func TestFaultsAreTakenInOrderAndCounted(t *testing.T) {
	e, s := started(t)
	e.Fail(emulator.Failure(503).Times(2), emulator.Failure(504), emulator.Failure(404).Matching("192.0.2.1").Times(-1))
	var statuses []int
	for range 4 {
		statuses = append(statuses, fetch(t, s, "GET", host, e.AppToken(), "").status)
	}
	for range 2 {
		statuses = append(statuses, fetch(t, s, "GET", ti+"hosts/192.0.2.1", e.AppToken(), "").status)
	}
	want := [6]int{503, 503, 504, 200, 404, 404}
	if [6]int(statuses) != want {
		t.Errorf("got %v, want %v", statuses, want)
	}
}

func TestTokenFaults(t *testing.T) {
	e, s := started(t)
	e.Fail(
		emulator.TooManyRequests("3").On(emulator.Token),
		emulator.Refusal(400, "interaction_required", "AADSTS50079: Multifactor authentication is required.").On(emulator.Token),
		emulator.HTML(503).On(emulator.Token),
	)
	path := "/" + e.Tenant() + "/oauth2/v2.0/token"
	got := postForm(t, s, path, nil)
	if got.status != 429 || got.header.Get("Retry-After") != "3" || !strings.Contains(got.body, "AADSTS50196") {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
	got = postForm(t, s, path, nil)
	if got.status != 400 || !strings.Contains(got.body, `"error_codes":[50079]`) || !strings.Contains(got.body, `"error":"interaction_required"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got = postForm(t, s, path, nil); got.status != 503 || !isPage(got.body) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if e.TokenRequests() != 3 {
		t.Errorf("%d token requests", e.TokenRequests())
	}
}

func TestTokenEndpointDown(t *testing.T) {
	e, s := started(t)
	e.Fail(emulator.Reset().On(emulator.Token).Times(-1))
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/"+e.Tenant()+"/oauth2/v2.0/token", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := s.Client().Do(req); err == nil {
		resp.Body.Close()
		t.Errorf("status %d", resp.StatusCode)
	}
	if e.TokenRequests() == 0 {
		t.Error("the request was not counted")
	}
}
