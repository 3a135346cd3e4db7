//go:build tools

package main

// gqlgen writes graph/generated from schema.graphqls; this import pins its version in go.mod.
import _ "github.com/99designs/gqlgen"
