//go:build interop

package frontend_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/internal/playground/playgroundtest"
	"portico/internal/service/servicetest"
)

const (
	example = "examples/web"
	built   = example + "/dist"

	// documents is what the build of the page writes for PORTICO_DOCUMENTS.
	documents = example + "/src/gql/persisted-documents.json"
)

// trusted are the settings of a Portico that executes the page's own documents, and no others.
func trusted(settings ...string) []string {
	return append([]string{"PORTICO_DOCUMENTS=" + documents, "PORTICO_DOCUMENTS_MODE=require", "PORTICO_INTROSPECTION=off"}, settings...)
}

// start starts a Portico for the page.
func start(t *testing.T, settings ...string) *servicetest.Service {
	t.Helper()
	if _, err := os.Stat(built + "/index.html"); err != nil {
		t.Fatal("the page is not built; build it with: make web")
	}
	return servicetest.Start(t, trusted(settings...)...)
}

// served is the page behind Debian's nginx, with the configuration of the example. Its settings are added to those of the build.
func served(t *testing.T, s *servicetest.Service, settings map[string]any) (url string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "html"), os.DirFS(built)); err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"endpoint": "/graphql", "signIn": nil}
	for key, value := range settings {
		all[key] = value
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "html/settings.json"), string(text))
	address := servicetest.FreeAddress(t)
	servicetest.StartNginx(t, dir, address, configuration(t, s, dir, address))
	return "http://" + address
}

// around is what Debian has around the configuration of a site. Without a master process, nginx reads the files as who runs the test.
const around = `daemon off; master_process off; pid {dir}/nginx.pid; error_log stderr warn; events { worker_connections 256; }
http {
	access_log off; client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
	uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
	types { text/html html; text/css css; text/javascript js; application/json json; image/svg+xml svg; }
	{site}
}`

// configuration is the example's, with the addresses of this test.
func configuration(t *testing.T, s *servicetest.Service, dir, address string) string {
	t.Helper()
	site, err := os.ReadFile(example + "/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(around, "{site}", string(site))
	for from, to := range map[string]string{
		"{dir}": dir, "listen 8081;": "listen " + address + ";", "/usr/share/nginx/html": dir + "/html",
		"http://portico:8080": s.URL, "https://login.microsoftonline.com": s.EmulatorServer.URL,
	} {
		if !strings.Contains(text, from) {
			t.Fatalf("%s/nginx.conf has no %s", example, from)
		}
		text = strings.ReplaceAll(text, from, to)
	}
	return text
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// open shows the page with what follows its URL, such as #/host/a.example.
func open(t *testing.T, s *servicetest.Service, hash string) (page *playgroundtest.Page, url string) {
	t.Helper()
	url = served(t, s, nil)
	return playgroundtest.Visit(t, url+"/"+hash), url
}

// goTo follows a link to another place of the page.
func goTo(page *playgroundtest.Page, hash string) {
	page.Evaluate("going to "+hash, `location.hash = `+quoted(hash))
}

// shows is a condition: the page, or the part of it with that heading, contains the text. Blanks count as one.
func shows(heading, text string) string {
	where := `document.querySelector('main')`
	if heading != "" {
		where = `[...document.querySelectorAll('section')].find(s => s.querySelector('h2')?.innerText === ` + quoted(heading) + `)`
	}
	return where + `?.innerText.replace(/\s+/g, ' ').includes(` + quoted(text) + `)`
}

func waitFor(page *playgroundtest.Page, heading, text string) {
	page.WaitFor(heading+": "+text, shows(heading, text))
}

// press clicks the first element with the selector that shows the text.
func press(page *playgroundtest.Page, selector, text string) {
	find := `[...document.querySelectorAll(` + quoted(selector) + `)].find(e => e.innerText.trim().startsWith(` + quoted(text) + `))`
	page.WaitFor(selector+" "+text, find+` !== undefined`)
	page.Evaluate("pressing "+text, find+`.click() ?? true`)
}

// paste pastes a text into the search box, as a person does.
func paste(page *playgroundtest.Page, text string) {
	page.WaitFor("the search box", `document.querySelector('textarea') !== null`)
	page.Do("pasting", `
		const box = document.querySelector('textarea');
		const data = new DataTransfer();
		data.setData('text/plain', `+quoted(text)+`);
		box.focus();
		if (box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))) {
			document.execCommand('insertText', false, `+quoted(text)+`);
		}`)
}

// expectQuiet checks that the page sent nothing to others, and that the console has no complaint.
func expectQuiet(t *testing.T, page *playgroundtest.Page, url string) {
	t.Helper()
	for _, request := range page.Requests() {
		if _, target, _ := strings.Cut(request, " "); !strings.HasPrefix(target, url+"/") && !strings.HasPrefix(target, "blob:"+url) {
			t.Errorf("the page sent %s", request)
		}
	}
	if outside := page.OutsideRequests(); len(outside) > 0 {
		t.Errorf("the page asked elsewhere: %q", outside)
	}
	if errors := page.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("the console says %q", errors)
	}
}

func quoted(text string) string {
	literal, _ := json.Marshal(text) // strings can be encoded
	return string(literal)
}
