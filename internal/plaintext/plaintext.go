// Package plaintext turns text that is marked up into plain text: without markup, scripts and addresses of links, and
// without characters that hide or reorder what a person reads. It does not escape anything: plain text may contain "<".
package plaintext

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

// markdown renders Markdown with the tables and the strikethrough of GitHub. It keeps the HTML in it, for HTML to
// remove.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Strikethrough), goldmark.WithRendererOptions(html.WithUnsafe()),
)

// Markdown returns the text of a Markdown document. The marks stay in a document that would take too long to parse.
func Markdown(text string) string {
	var rendered bytes.Buffer
	if isCostly(text) || markdown.Convert([]byte(Clean(text)), &rendered) != nil {
		return HTML(text)
	}
	return HTML(rendered.String())
}

// maxSteps bounds the steps in which a document is parsed, at about 5 ns each.
const maxSteps = 100_000_000

// isCostly reports whether the parser would take more steps than it may: it looks for the end of each link in all that
// follows, and through each level of quotations of a line again. No article comes near the bound.
func isCostly(text string) bool {
	deepest := 0
	for line := range strings.Lines(text) {
		deepest = max(deepest, strings.Count(line, ">"))
	}
	return (deepest+strings.Count(text, "]("))*len(text) > maxSteps
}

// Clean returns text without control characters except line ends and tabs, and without invisible characters: those that
// change the direction of writing, tags, and zero-width characters. Joiners stay, because words and emoji need them.
// Bytes that are not UTF-8 become U+FFFD.
func Clean(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\r\n", "\n")
	return strings.Map(visible, text)
}

func visible(r rune) rune {
	switch r {
	case '\n', '\t', '\u200c', '\u200d':
		return r
	case '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return '\n'
	}
	if unicode.Is(unicode.C, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) {
		return -1
	}
	return r
}
