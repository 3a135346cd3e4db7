package documents

import "strings"

// Set finds documents. It never changes.
type Set struct {
	byID   map[string]string // texts
	byText map[string]bool
}

// NewSet returns the set of some documents. Each is found by its id and by the SHA-256 of its text.
func NewSet(all []Document) *Set {
	s := &Set{byID: map[string]string{}, byText: map[string]bool{}}
	for _, d := range all {
		for _, text := range []string{d.Text, strings.TrimSpace(d.Text)} { // clients may cut the end of a file's last line
			s.byID[Hash(text)] = d.Text
			s.byText[text] = true
		}
	}
	for _, d := range all {
		s.byID[Key(d.ID)] = d.Text
	}
	return s
}

// Text returns the text of the document with an id.
func (s *Set) Text(id string) (text string, known bool) {
	text, known = s.byID[Key(id)]
	return text, known
}

// Has reports whether a text is that of a document.
func (s *Set) Has(text string) bool { return s.byText[text] }
