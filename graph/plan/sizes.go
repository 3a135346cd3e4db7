package plan

import "github.com/vektah/gqlparser/v2/ast"

// sizes are the counts that depend on no arguments, which all operations of a document share.
type sizes = memo[sized, int]

// sized identifies what was counted: a selection on a type, by its source or by the selection sets that it merges.
type sized struct {
	on     *ast.Definition
	source *ast.Field
	sets   uint64
}
