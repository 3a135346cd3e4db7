// Package naive computes the data of a query in the slow and obvious way, to compare Portico's responses with: it
// fetches every entity whole and every list to its end, by direct GETs from the emulator, and builds the response from
// them. It shares no code with Portico, and reads nothing but the schema.
package naive
