// Package licenses holds the copyright notices and license texts of the software that is part of the program.
package licenses

import (
	_ "embed"
	"fmt"
	"io"
)

var (
	//go:embed modules.txt
	modules string // of the Go modules and of Go itself

	//go:embed editor.txt
	editor string // of what the page's editor contains, which its build does not list
)

// Write writes all notices. The page is what its build found to be in the page; empty if the program has no page.
func Write(w io.Writer, page string) error {
	if page != "" {
		page += "\n" + editor
	}
	_, err := fmt.Fprintf(w, "This program contains the software below, under the licenses below.\n\n%s\n%s", modules,
		page)
	return err
}
