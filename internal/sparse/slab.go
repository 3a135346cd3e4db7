package sparse

import (
	"reflect"
	"strings"
)

// maxSlab is how many values are allocated at a time at most. A slab lives as long as the last of its values.
const maxSlab = 32

// grown returns the size of the slab after one of a given size: the first has one value.
func grown(size int) int { return min(max(1, 2*size), maxSlab) }

// slab hands out pointers to zero values.
type slab[T any] struct {
	free []T
	size int
}

func (s *slab[T]) next() *T {
	if len(s.free) == 0 {
		s.size = grown(s.size)
		s.free = make([]T, s.size)
	}
	p := &s.free[0]
	s.free = s.free[1:]
	return p
}

// structs is a slab of a type that only reflection knows.
type structs struct {
	free       reflect.Value // a slice
	used, size int
}

// next returns a new struct, addressable.
func (s *structs) next(t reflect.Type) reflect.Value {
	if s.used == s.size {
		s.size, s.used = grown(s.size), 0
		s.free = reflect.MakeSlice(reflect.SliceOf(t), s.size, s.size)
	}
	s.used++
	return s.free.Index(s.used - 1)
}

// The first chunk of texts, and the largest, in bytes. A chunk lives as long as the last of its texts.
const minChunk, maxChunk = 64, 2 << 10

// texts copies texts, many into one allocation.
type texts struct {
	chunk strings.Builder
	size  int
}

func (t *texts) copy(text []byte) string {
	if len(text) > maxChunk/4 {
		return string(text)
	}
	if t.chunk.Cap()-t.chunk.Len() < len(text) {
		t.size = min(max(minChunk, 2*t.size), maxChunk)
		t.chunk = strings.Builder{} // the one before belongs to its texts
		t.chunk.Grow(max(t.size, len(text)))
	}
	start := t.chunk.Len()
	t.chunk.Write(text)
	return t.chunk.String()[start:]
}
