package documents

import (
	"crypto/md5"  //nolint:gosec // Relay's ids; they name a document and protect nothing
	"crypto/sha1" //nolint:gosec // graphql-codegen's ids
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// Document is one document of a set.
type Document struct {
	// ID names the document in requests. Tools use a hash of the text, but any text will do.
	ID string
	// Name is the operation's name, or the file's without its extension; empty if the set has none.
	Name string
	// Text is the document itself. A request that brings the text has to bring exactly this.
	Text string
	// File is where the document was found.
	File string
}

// Hash returns the SHA-256 of a text in hexadecimal form, by which Apollo Client and urql name documents.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Key returns an id in the form in which documents are compared: a hash has no prefix and small letters.
func Key(id string) string {
	if hash, prefixed := strings.CutPrefix(id, "sha256:"); prefixed {
		id = hash
	}
	if hashOf(len(id)) != nil && isHex(id) {
		return strings.ToLower(id)
	}
	return id
}

// verify returns an error if the id looks like a hash, and the text has another one.
func (d Document) verify() error {
	key := Key(d.ID)
	hash := hashOf(len(key))
	switch {
	case d.ID == "":
		return fmt.Errorf("%s: a document has no id", d.File)
	case strings.HasPrefix(d.ID, "sha256:") && (len(key) != sha256.Size*2 || !isHex(key)):
		return fmt.Errorf("%s: %s is not the SHA-256 of a document", d.File, d.ID)
	case hash == nil || !isHex(key) || hash(d.Text) == key:
		return nil
	}
	return fmt.Errorf(
		"%s: the id %s is not the hash of its text, which is %s: the file was changed by hand, or is damaged",
		d.File, d.ID, hash(d.Text))
}

func hashWith(algorithm func() hash.Hash) func(string) string {
	return func(text string) string {
		h := algorithm()
		h.Write([]byte(text)) // never fails
		return hex.EncodeToString(h.Sum(nil))
	}
}

// hashOf returns the hash function whose results have this number of hexadecimal digits, or nil if there is none.
func hashOf(digits int) func(string) string {
	switch digits {
	case md5.Size * 2:
		return hashWith(md5.New)
	case sha1.Size * 2:
		return hashWith(sha1.New)
	case sha256.Size * 2:
		return Hash
	}
	return nil
}

func isHex(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil
}
