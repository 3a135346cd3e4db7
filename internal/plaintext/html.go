package plaintext

import (
	"strings"

	"golang.org/x/net/html"
)

// gaps are how many line ends an element has before and after its text.
var gaps = map[string]int{
	"p": 2, "h1": 2, "h2": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2, "ul": 2, "ol": 2, "dl": 2, "pre": 2, "table": 2,
	"blockquote": 2, "hr": 2, "section": 2, "article": 2, "figure": 2,
	"div": 1, "li": 1, "tr": 1, "dt": 1, "dd": 1, "header": 1, "footer": 1, "main": 1, "nav": 1, "aside": 1,
	"figcaption": 1, "caption": 1, "address": 1, "details": 1, "summary": 1, "option": 1,
}

// hidden are the elements whose content is not text for people.
var hidden = map[string]bool{
	"script": true, "style": true, "title": true, "noscript": true, "iframe": true, "noembed": true, "noframes": true,
}

// HTML returns the text of an HTML document or fragment. Blocks are on lines of their own, and items of lists begin
// with "- ". Of a picture there is its description, and of a link its text.
func HTML(text string) string {
	w := writer{}
	tokens := html.NewTokenizer(strings.NewReader(text))
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		switch token := tokens.Token(); kind {
		case html.TextToken:
			w.text(token.Data)
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(token)
		case html.EndTagToken:
			w.end(token.Data)
		}
	}
	return strings.TrimSpace(w.out.String())
}

// writer writes the text of elements. It needs no tree, so the nesting of elements costs nothing.
type writer struct {
	out    strings.Builder
	lines  int    // line ends that are due before the next text
	space  bool   // a space is due before the next text
	inside string // the hidden element that is open
	pre    int    // how many elements are open whose white space counts
}

func (w *writer) start(token html.Token) {
	name := token.Data
	w.gap(name)
	switch {
	case hidden[name] && token.Type == html.StartTagToken:
		w.inside = name
	case name == "pre":
		w.pre++
	case name == "br":
		w.lines++
	case name == "td", name == "th":
		w.space = true
	case name == "li":
		w.write("- ")
	case name == "img":
		w.text(attribute(token, "alt"))
	}
}

func (w *writer) end(name string) {
	w.gap(name)
	switch name {
	case w.inside:
		w.inside = ""
	case "pre":
		w.pre = max(0, w.pre-1)
	case "td", "th":
		w.space = true
	}
}

func (w *writer) gap(name string) { w.lines = max(w.lines, gaps[name]) }

// text writes text, with its white space collapsed where that does not count.
func (w *writer) text(text string) {
	text = Clean(text)
	switch {
	case w.inside != "":
	case w.pre > 0:
		w.write(text)
	default:
		for i, word := range strings.FieldsFunc(text, isSpace) {
			w.space = w.space || i > 0 || isSpace(rune(text[0]))
			w.write(word)
		}
		w.space = w.space || (text != "" && isSpace(rune(text[len(text)-1])))
	}
}

// isSpace reports white space of HTML. A no-break space is text.
func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }

// write writes what is due, and then text.
func (w *writer) write(text string) {
	if text == "" {
		return
	}
	switch {
	case w.out.Len() == 0:
	case w.lines > 0:
		w.out.WriteString(strings.Repeat("\n", min(w.lines, 2)))
	case w.space:
		w.out.WriteByte(' ')
	}
	w.lines, w.space = 0, false
	w.out.WriteString(text)
}

func attribute(token html.Token, name string) string {
	for _, a := range token.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
