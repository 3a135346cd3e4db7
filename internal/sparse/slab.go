package sparse

import (
	"reflect"
	"strings"
)

// maxSlab is how many values are allocated at a time at most. A slab lives as long as the last of its values.
const maxSlab = 64

// room is how many values are allocated next, where some have been used for this text, and for the last one.
func room(used, last int) int { return min(max(1, used, last-used), maxSlab) }

// slab hands out pointers to zero values. The last text foretells how many the next one needs.
type slab[T any] struct {
	free       []T
	used, last int
}

func (s *slab[T]) next() *T {
	if len(s.free) == 0 {
		s.free = make([]T, room(s.used, s.last))
	}
	p := &s.free[0]
	s.free = s.free[1:]
	s.used++
	return p
}

// reset prepares for another text.
func (s *slab[T]) reset() { *s = slab[T]{last: s.used} }

// structs is a slab of a type that only reflection knows.
type structs struct {
	free             reflect.Value // a slice
	at               int           // in free
	size, used, last int
}

// next returns a new struct, addressable.
func (s *structs) next(of *shape) reflect.Value {
	if s.at == s.size {
		s.at, s.size = 0, room(s.used, s.last)
		if s.size == 1 {
			s.at, s.used = 1, s.used+1
			return reflect.New(of.of).Elem()
		}
		s.free = reflect.MakeSlice(of.list, s.size, s.size)
	}
	s.at++
	s.used++
	return s.free.Index(s.at - 1)
}

func (s *structs) reset() { *s = structs{last: s.used} }

// The first chunk of texts, and the largest, in bytes. A chunk lives as long as the last of its texts.
const minChunk, maxChunk = 64, 2 << 10

// texts copies texts, many into one allocation.
type texts struct {
	chunk      strings.Builder
	used, last int // bytes
}

func (t *texts) copy(text []byte) string {
	if len(text) > maxChunk/4 {
		return string(text)
	}
	if t.chunk.Cap()-t.chunk.Len() < len(text) {
		t.chunk = strings.Builder{} // the one before belongs to its texts
		t.chunk.Grow(max(min(max(minChunk, t.used, t.last-t.used), maxChunk), len(text)))
	}
	start := t.chunk.Len()
	t.chunk.Write(text)
	t.used += len(text)
	return t.chunk.String()[start:]
}

func (t *texts) reset() { *t = texts{last: t.used} }
