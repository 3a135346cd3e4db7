package plan

import (
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// sizes are the counts that depend on no arguments, which all operations of a document share.
type sizes struct {
	mu    sync.RWMutex
	known map[sized]int
}

func (all *sizes) get(key sized) (size int, known bool) {
	all.mu.RLock()
	defer all.mu.RUnlock()
	size, known = all.known[key]
	return size, known
}

func (all *sizes) put(key sized, size int) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.known == nil {
		all.known = map[sized]int{}
	}
	all.known[key] = size
}

// sized identifies what was counted: a selection on a type, by its source or by the selection sets that it merges.
type sized struct {
	on     *ast.Definition
	source *ast.Field
	sets   uint64
}
