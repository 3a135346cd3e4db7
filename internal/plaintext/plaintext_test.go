package plaintext_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"portico/internal/plaintext"
)

func TestHTML(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, sent, want string }{
		{"nothing", "", ""},
		{"plain words", "two  words\n here", "two words here"},
		{"paragraphs", "<p>One.</p><p>Two.</p>", "One.\n\nTwo."},
		{"emphasis inside a word", "un<b>believ</b>able <i>so</i>", "unbelievable so"},
		{"a line break", "a<br>b<br/>c", "a\nb\nc"},
		{"a list", "<ul><li>a<li>b</ul>c", "- a\n- b\n\nc"},
		{"a table", "<table><tr><th>a</th><th>b</th></tr><tr><td>1<td>2</table>", "a b\n1 2"},
		{"a preformatted text", "<p>x</p><pre>a\n  b</pre>", "x\n\na\n  b"},
		{"entities", "a &amp; b &lt;script&gt; &eacute; &#x27; &unknown;", "a & b <script> é ' &unknown;"},
		{"a script", "a<script>alert('<p>x</p>')</script>b", "ab"},
		{"a script in capitals that never ends", "a<SCRIPT src=x>alert(1)", "a"},
		{"a style and a title", "<title>t</title><style>p{}</style>a", "a"},
		{"a frame", "<iframe src='https://a.example'>no</iframe>a", "a"},
		{"a comment", "a<!-- <b>x</b> -->b<!doctype html>", "ab"},
		{"a link", `<a href="javascript:alert(1)" onclick="x()">text</a>`, "text"},
		{"a picture", `<img src=x onerror=alert(1) alt="a &lt;map&gt;">`, "a <map>"},
		{"an attribute with markup", `<p title="<script>">a</p>`, "a"},
		{"a tag that never ends", "a <p onclick=", "a"},
		{"a less-than sign", "1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
		{"markup inside of markup", "<scr<script>ipt>alert(1)</script>", "ipt>alert(1)"},
		{"entities of invisible characters", "pay&#x202e;exe&#8203;.&zwnj;x", "payexe.\u200cx"},
		{"a null", "a\x00b&#0;", "ab\ufffd"},
		{"a no-break space", "a&nbsp;b", "a\u00a0b"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := plaintext.HTML(c.sent); got != c.want {
				t.Errorf("%q became %q, want %q", c.sent, got, c.want)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, sent, want string }{
		{"nothing", "", ""},
		{"headings and paragraphs", "# One\n\ntwo\nthree\n\nfour", "One\n\ntwo three\n\nfour"},
		{"emphasis", "**bold**, *italic*, ~~gone~~ and `code`", "bold, italic, gone and code"},
		{"a link", "see [the page](https://a.example/?q=1 \"title\") and <https://b.example>", "see the page and https://b.example"},
		{"a link with a script", "[click](javascript:alert(1))", "click"},
		{"a picture", "![a map](https://a.example/x.png)", "a map"},
		{"a list", "- a\n- b\n  - c", "- a\n- b\n\n- c"},
		{"a numbered list", "1. a\n2. b", "- a\n- b"},
		{"a block of code", "```sh\nrm -rf /\n<b>\n```", "rm -rf /\n<b>"},
		{"a quotation", "> said\n> so", "said so"},
		{"a table", "| a | b |\n|---|---|\n| 1 | 2 |", "a b\n1 2"},
		{"HTML", "a <b>bold</b> <script>alert(1)</script>\n\n<script>\nalert(2)\n</script>\n\nb", "a bold\n\nb"},
		{"escapes and entities", `\*not\* &amp; &lt;b&gt;`, "*not* & <b>"},
		{"characters that reverse", "invoice\u202egpj.exe", "invoicegpj.exe"},
		{"text written in tags", "safe\U000e0041\U000e0042", "safe"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := plaintext.Markdown(c.sent); got != c.want {
				t.Errorf("%q became %q, want %q", c.sent, got, c.want)
			}
		})
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"<b>a</b>\r\nb\rc\td":              "<b>a</b>\nb\nc\td",
		"\x1b[31mred\x07\u009b":            "[31mred",
		"a\u202e\u2066b\u2069\u200f\ufeff": "ab",
		"\xff\u2028":                       "\ufffd\n",
		"\U0001f469\u200d\U0001f4bb na\u00efve \u0645\u06cc\u200c\u062e": "\U0001f469\u200d\U0001f4bb na\u00efve \u0645\u06cc\u200c\u062e",
		"a\u00ad\u2060\u180e\u3164b":                                     "ab",
	} {
		if got := plaintext.Clean(sent); got != want {
			t.Errorf("%q became %q, want %q", sent, got, want)
		}
	}
}

// Deep nesting and openings that are never closed take no more than their length.
func TestHostileMarkup(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"<div>", "<b", "<pre>", "<!--", "&", "<li>", "> ", "- ", "[", "![", "*a ", "`", "<a href=", "_", "\n\n\t", "|a", "[a]("} {
		text := strings.Repeat(piece, 20_000)
		for _, got := range []string{plaintext.HTML(text), plaintext.Markdown(text)} {
			if len(got) > 3*len(text) {
				t.Errorf("%d bytes of %q became %d", len(text), piece, len(got))
			}
		}
	}
}

func FuzzPlainText(f *testing.F) {
	for _, text := range []string{"<p>a</p>", "# a\n[b](c)", "&#x202e;<script>x", "\xff<li>", "<img alt='&lt;b&gt;'>"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, got := range []string{plaintext.HTML(text), plaintext.Markdown(text), plaintext.Clean(text)} {
			hides := func(r rune) bool {
				return r != '\n' && r != '\t' && r != '\u200c' && r != '\u200d' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
			}
			if !utf8.ValidString(got) || strings.ContainsFunc(got, hides) {
				t.Errorf("%q became %q", text, got)
			}
			if plaintext.Clean(got) != got {
				t.Errorf("%q became %q, which is not clean", text, got)
			}
		}
	})
}
