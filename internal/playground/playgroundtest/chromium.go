package playgroundtest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"portico/internal/playground"
)

const install = "no Chromium found; install it, e.g. with: apt-get install --no-install-recommends chromium"

// find returns the path of a Chromium or Chrome, or ends the test.
func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	lack(t, install)
	return ""
}

// RequireBuilt skips the test where the page was not built before this test, as Open does where there is no Chromium.
func RequireBuilt(t testing.TB) {
	t.Helper()
	if !playground.Built() {
		lack(t, "the page is not built; build it with: make playground")
	}
}

// lack ends a test that cannot be run here: a person may do without it, CI may not.
func lack(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// flags start the browser with a new profile. What it asks for by itself at every start (updates, accounts) goes to a
// port where nobody listens; loopback addresses bypass a proxy.
func flags(chromium string) []chromedp.ExecAllocatorOption {
	opts := slices.Clone(chromedp.DefaultExecAllocatorOptions[:])
	return append(opts,
		chromedp.ExecPath(chromium),
		chromedp.NoSandbox, // as root, and in containers without user namespaces; it sees the test's own pages only
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter,AutofillServerCommunication"),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("proxy-server", "http://127.0.0.1:9"),
	)
}

// Option changes how the browser is started.
type Option chromedp.ExecAllocatorOption

// Trust accepts certificates whose public key has the hash: the SHA-256 of the key's SubjectPublicKeyInfo, as base64.
func Trust(hash string) Option {
	return Option(chromedp.Flag("ignore-certificate-errors-spki-list", hash))
}

// through gives the page a browser context of its own, as a private window has, whose way outside is the proxy.
func through(proxy string) chromedp.ContextOption {
	return chromedp.WithNewBrowserContext(func(p *target.CreateBrowserContextParams) { p.ProxyServer = proxy })
}

// outside is a proxy that connects to nothing and remembers who was asked for.
type outside struct {
	server *httptest.Server

	mu    sync.Mutex
	asked []string
}

func watchOutside(t testing.TB) *outside {
	o := &outside{}
	o.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asked = append(o.asked, r.Host)
		o.mu.Unlock()
		http.Error(w, "nothing beyond this machine", http.StatusForbidden)
	}))
	t.Cleanup(o.server.Close)
	return o
}

func (o *outside) hosts() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.asked)
}
