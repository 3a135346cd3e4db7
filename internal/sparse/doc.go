// Package sparse decodes JSON into structs and skips the properties that nobody reads. Microsoft Graph returns expanded
// entities whole: of a page of 130 KB, three quarters may be properties that no caller selected.
//
// It decodes what package json of github.com/go-json-experiment would decode without an error, and to the same values.
// Anything else it leaves to that package: [Read] returns false, and the caller decodes the text again, from its
// start. So this package has no errors, reports no invalid values and has no options, and one rule is enough to check
// it: if Read returns true, json.Unmarshal returns nil and the same value, apart from the properties that were skipped.
// FuzzRead holds it, and FuzzReadAfter that it does not depend on what was read before.
//
//   - scan.go walks the text. It validates everything, what is skipped as well: the grammar, UTF-8, and that no object
//     has a name twice. [Valid] does nothing else.
//   - place.go remembers the names that objects had before, so that most names are compared with one other and nothing
//     else. A decoder is kept with its places and used again for texts of the same type.
//   - skip.go validates a value that nobody reads.
//   - table.go says, for each struct type, which member belongs to which field and how the value is read. A table is
//     made once for a type, by reflection.
//   - decode.go reads an object by the table of its type.
//   - slab.go allocates the values that pointers point to, several at a time, and strings in chunks: as much as the
//     last text needed.
//   - properties.go holds which properties are read.
package sparse
