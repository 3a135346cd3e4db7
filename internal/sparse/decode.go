package sparse

import (
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// Read decodes a JSON object into the zero struct that target points to. In objects that are nested deeper than outer,
// it reads only the given properties; nil stands for all of them. The members of the outermost object are at depth 0.
//
// If it returns false, the caller must decode the text with package json: the text is not valid, a value does not fit
// its field, or the text is unusual. Target then has some of its values.
func Read(text []byte, target any, properties *Properties, outer int) bool {
	at := reflect.ValueOf(target).Elem()
	t := tableOf(at.Type())
	if t == nil || !utf8.Valid(text) {
		return false
	}
	d := decoder{scanner: scanner{text: text}, properties: properties, outer: outer}
	return d.object(at, t, 0) && d.peek() == 0 && d.at == len(text)
}

// decoder decodes one text. Its methods return false at whatever is left to package json.
type decoder struct {
	scanner
	properties *Properties
	outer      int

	texts   texts
	strings slab[string]
	ints    slab[int32]
	bools   slab[bool]
	structs map[*table]*structs
}

// object reads an object into a struct, which is zero.
func (d *decoder) object(into reflect.Value, t *table, depth int) bool {
	if !d.take('{') || depth > maxDepth {
		return false
	}
	if d.take('}') {
		return true
	}
	wanted := all
	if depth > d.outer {
		wanted = d.properties.mask(t)
	}
	first, next, seen := len(d.names), 0, uint64(0)
	for {
		name, ok := d.name()
		if !ok {
			return false
		}
		bit := uint64(0)
		if at := t.match(name, next); at >= 0 {
			next, bit = at+1, 1<<at
			ok = seen&bit == 0 && d.member(into, t, at, wanted&bit != 0, depth)
		} else {
			ok = d.isNew(name, first) && d.skip(depth)
		}
		if !ok {
			return false
		}
		seen |= bit
		if done, ok := d.more('}'); done || !ok {
			d.names = d.names[:first]
			return ok
		}
	}
}

// member reads a member that belongs to a field, or skips it.
func (d *decoder) member(into reflect.Value, t *table, at int, wanted bool, depth int) bool {
	f := &t.fields[at]
	if wanted {
		return d.value(into.Field(f.index), &f.shape, depth)
	}
	if d.null() {
		return true
	}
	if t.sparse {
		into.Addr().Interface().(Sparse).LeaveOut() //nolint:forcetypeassert // t.sparse
	}
	return d.skip(depth)
}

// value reads a value into a zero variable. Null leaves it zero.
func (d *decoder) value(into reflect.Value, s *shape, depth int) bool {
	if s.kind == kindOther {
		return d.other(into, depth)
	}
	if d.null() {
		return true
	}
	switch s.kind {
	case kindStruct:
		return d.object(into, s.table, depth+1)
	case kindStructPointer:
		at := d.newStruct(s)
		into.Set(at.Addr())
		return d.object(at, s.table, depth+1)
	case kindSlice:
		return d.slice(into, s, depth+1)
	}
	return d.scalar(into.Addr().Interface(), s.kind)
}

// scalar reads a value that is not null into a variable that target points to.
func (d *decoder) scalar(target any, k kind) bool {
	switch k {
	case kindString:
		text, ok := d.string()
		*target.(*string) = text //nolint:forcetypeassert // its kind says so
		return ok
	case kindStringPointer:
		text, ok := d.string()
		at := d.strings.next()
		*at, *target.(**string) = text, at //nolint:forcetypeassert // its kind says so
		return ok
	case kindInt32Pointer:
		number, ok := d.int32()
		at := d.ints.next()
		*at, *target.(**int32) = number, at //nolint:forcetypeassert // its kind says so
		return ok
	case kindBoolPointer:
		truth := d.peek() == 't'
		at := d.bools.next()
		*at, *target.(**bool) = truth, at //nolint:forcetypeassert // its kind says so
		return d.word(strconv.FormatBool(truth))
	}
	text, ok := d.string()
	return ok && target.(Text).ReadText(text) == nil //nolint:forcetypeassert // its kind says so
}

func (d *decoder) string() (string, bool) {
	raw, escaped, ok := d.quoted()
	if !ok {
		return "", false
	}
	text, ok := unquote(raw, escaped)
	return d.texts.copy(text), ok
}

// int32 reads an integer. One with a fraction or an exponent, which package json refuses, and -0 are left to it.
func (d *decoder) int32() (int32, bool) {
	raw, ok := d.number()
	if !ok || string(raw) == "-0" {
		return 0, false
	}
	number, err := strconv.ParseInt(string(raw), 10, 32)
	return int32(number), err == nil
}

func (d *decoder) newStruct(s *shape) reflect.Value {
	if d.structs == nil {
		d.structs = map[*table]*structs{}
	}
	free := d.structs[s.table]
	if free == nil {
		free = &structs{}
		d.structs[s.table] = free
	}
	return free.next(s.of)
}

// slice reads an array. An empty one is not nil.
func (d *decoder) slice(into reflect.Value, s *shape, depth int) bool {
	if !d.take('[') || depth > maxDepth {
		return false
	}
	if d.take(']') {
		into.Set(reflect.MakeSlice(into.Type(), 0, 0))
		return true
	}
	for i := 0; ; i++ {
		if into.Len() == into.Cap() {
			into.Grow(1)
		}
		into.SetLen(i + 1)
		if !d.value(into.Index(i), s.elem, depth) {
			return false
		}
		if done, ok := d.more(']'); done || !ok {
			return ok
		}
	}
}

// other leaves a value to package json.
func (d *decoder) other(into reflect.Value, depth int) bool {
	start := d.at
	return d.skip(depth) && json.Unmarshal(d.text[start:d.at], into.Addr().Interface()) == nil
}
