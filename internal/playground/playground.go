// Package playground serves GraphiQL from the binary: a page that needs nothing from outside, with tabs that are ready
// to run.
//
// It knows how the page was built and packed (web/, and dist/ where `make playground` leaves it), which headers keep a
// browser from loading or sending anything elsewhere, and the ready questions in queries/. It knows nothing of the
// schema, of Microsoft Graph or of who is asking: the page talks to the GraphQL endpoint as any other client does.
package playground

import (
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var dist embed.FS

const (
	page = "index.html"

	// What the page may load and where it may send. Monaco writes its styles as it runs, hence 'unsafe-inline' for them
	// alone; scripts come from this server only, and none is inline. Where people sign in is added to connect-src.
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; " +
		"img-src 'self' data:; connect-src 'self'%s; worker-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

	missing = `This Portico was built without its playground, or with that of another version. To have it here, run

    make playground

in Portico's source (it needs Node.js and npm), and build Portico again. The GraphQL API at %s works without it.
`
)

// asset is one file of the page.
type asset struct {
	contentType string
	gzipped     content
	// Named by a hash of its content: what a browser has of it stays good.
	immutable bool
}

// Handler serves the playground at "/" and what it loads below "/", and the documentation of the error codes at
// "/errors.html". GET and HEAD only; any other path is 404.
//
// In a binary that was built without the page, "/" answers 503 and says how to build it: a person reads the text all
// the same, and a script that looks for the page does not take the text for it.
func Handler(o Options) http.Handler {
	return handler(dist, o)
}

// Built reports whether the page is in this binary, as this version has it.
func Built() bool {
	assets, err := load(dist, Options{})
	_, ok := assets[page]
	return ok && err == nil
}

// Licenses returns the licenses of what the page contains; empty in a binary without the page, or with that of another
// version, which is not served.
func Licenses() string {
	if !Built() {
		return ""
	}
	packed, err := dist.Open("dist/licenses.md.gz")
	if err != nil {
		return ""
	}
	plain, err := gzip.NewReader(packed)
	if err != nil {
		return ""
	}
	text, err := io.ReadAll(plain)
	if err != nil {
		return ""
	}
	return string(text)
}

func handler(files fs.FS, o Options) http.Handler {
	secured := o.secured
	assets, err := load(files, o)
	if _, ok := assets[page]; !ok && err == nil || errors.Is(err, errOutdated) {
		return secured(notBuilt(o.Endpoint))
	}
	if err != nil {
		// Only a broken build gets here: the files are part of the binary.
		panic(fmt.Sprintf("playground: %v", err))
	}
	return secured(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			name = page
		}
		a, ok := assets[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		a.serve(w, r)
	}))
}

// load reads every packed file below dist, fills the page in, and adds the documentation of the error codes.
func load(files fs.FS, o Options) (map[string]asset, error) {
	assets := errorDocs()
	err := fs.WalkDir(files, "dist", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".gz" {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, "dist/"), ".gz")
		read := embedded
		if name == page {
			read = o.filled
		}
		gzipped, err := read(files, file)
		if err != nil {
			return fmt.Errorf("reading %s: %w", file, err)
		}
		assets[name] = asset{contentType(name), gzipped, strings.HasPrefix(name, "assets/")}
		return nil
	})
	return assets, err
}

// contentType is a table of its own, because the system's differs from machine to machine.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".ttf":
		return "font/ttf"
	case ".woff2":
		return "font/woff2"
	case ".json":
		return "application/json"
	case ".md":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Vary", "Accept-Encoding")
	if a.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	packed := acceptsGzip(r.Header.Values("Accept-Encoding"))
	if packed {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.FormatInt(a.gzipped.length, 10))
	}
	if r.Method == http.MethodHead {
		return
	}
	text, err := a.gzipped.read(packed)
	if err != nil {
		h.Del("Content-Encoding")
		h.Del("Content-Length")
		http.Error(w, "the playground is damaged", http.StatusInternalServerError)
		return
	}
	_, _ = io.Copy(w, text) // an error here is a client that left
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3): a coding is refused by a weight of 0, and "*" stands
// for all that are not named.
func acceptsGzip(values []string) bool {
	accepted := false
	for _, item := range strings.Split(strings.Join(values, ","), ",") {
		coding, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		q, err := strconv.ParseFloat(params["q"], 64)
		refused := err == nil && q == 0
		switch coding {
		case "gzip", "x-gzip":
			return !refused
		case "*":
			accepted = !refused
		}
	}
	return accepted
}

// secured sets what holds for every answer, and lets only reading through.
func (o Options) secured(next http.Handler) http.Handler {
	policy := fmt.Sprintf(pagePolicy, o.authority())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD are served here", http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func notBuilt(endpoint string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		http.Error(w, fmt.Sprintf(missing, endpoint), http.StatusServiceUnavailable)
	})
}
