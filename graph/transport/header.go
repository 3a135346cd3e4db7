package transport

import "net/http"

// Values of headers that most answers have. They are shared: whoever changes a header replaces its values.
var (
	noStore = []string{"no-store"}
	noSniff = []string{"nosniff"}
	asJSON  = []string{typeJSON + "; charset=utf-8"}
	asGraph = []string{typeGraphQL + "; charset=utf-8"}
)

// secure sets the headers that every answer has. Answers hold what one caller may see: nobody keeps them.
func secure(h http.Header) {
	h["Vary"] = append(h["Vary"], "Accept, Origin")
	h["Cache-Control"], h["X-Content-Type-Options"] = noStore, noSniff
}
