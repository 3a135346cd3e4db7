package sparse

import (
	"reflect"
	"strconv"

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
	if t == nil {
		return false
	}
	d := t.decoder()
	d.text, d.at, d.properties, d.outer = text, 0, properties, outer
	ok := d.object(at, d.root, 0) && d.ends()
	t.release(d)
	return ok
}

// decoder decodes one text after another of the same type. Its methods return false at whatever is left to package
// json.
type decoder struct {
	scanner
	properties *Properties
	outer      int

	root    *place
	learned int // how many names were new in this text

	texts   texts
	strings slab[string]
	ints    slab[int32]
	bools   slab[bool]
	structs []*structs // those that have been used for this text
}

// decoder returns one that has decoded texts of the type before, or a new one.
func (t *table) decoder() *decoder {
	if d, ok := t.idle.Get().(*decoder); ok {
		return d
	}
	return &decoder{root: &place{field: -1, table: t}}
}

// maxUnescaped is how many bytes of memory for strings with escapes are kept.
const maxUnescaped = 4 << 10

// release keeps a decoder for another text, without what belongs to this one. One that has learned very many names is
// not worth its memory.
func (t *table) release(d *decoder) {
	if d.learned > maxNames/4 {
		return
	}
	d.text, d.properties, d.learned = nil, nil, 0
	if cap(d.unescaped) > maxUnescaped {
		d.unescaped = nil
	}
	d.texts.reset()
	d.strings.reset()
	d.ints.reset()
	d.bools.reset()
	for _, s := range d.structs {
		s.reset()
	}
	d.structs = d.structs[:0]
	t.idle.Put(d)
}

// object reads an object into a struct, which is zero.
func (d *decoder) object(into reflect.Value, p *place, depth int) bool {
	if !d.take('{') || depth > maxDepth {
		return false
	}
	if d.take('}') {
		return true
	}
	wanted, leftOut := all, false
	if depth > d.outer {
		wanted = p.wanted(d.properties)
	}
	for before := 0; ; before++ {
		at := d.member(p, before)
		switch {
		case at == nil:
			return false
		case at.field < 0:
			if !d.skip(at, depth) {
				return false
			}
		case wanted&(1<<at.field) != 0:
			f := &p.table.fields[at.field]
			if !d.value(into.Field(f.index), &f.shape, at, depth) {
				return false
			}
		case !d.null():
			leftOut = true
			if !d.skip(at, depth) {
				return false
			}
		}
		if done, ok := d.more('}'); done || !ok {
			if leftOut && p.table.sparse {
				into.Addr().Interface().(Sparse).LeaveOut() //nolint:forcetypeassert // table.sparse
			}
			return ok
		}
	}
}

// value reads a value into a zero variable. Null leaves it zero.
func (d *decoder) value(into reflect.Value, s *shape, p *place, depth int) bool {
	switch {
	case s.kind == kindOther:
		return d.other(into, p, depth)
	case s.kind == kindRaw:
		return d.raw(into, p, depth)
	case d.null():
		return true
	}
	switch s.kind {
	case kindStruct:
		return d.object(into, p, depth+1)
	case kindStructPointer:
		at := d.newStruct(s, p)
		into.Set(at.Addr())
		return d.object(at, p, depth+1)
	case kindSlice:
		return d.slice(into, s, p, depth+1)
	}
	return d.scalar(into, s, p)
}

// scalar reads a value that is not null.
func (d *decoder) scalar(into reflect.Value, s *shape, p *place) bool {
	switch s.kind {
	case kindString:
		text, ok := d.copied()
		into.SetString(text)
		return ok
	case kindStringPointer:
		text, ok := d.copied()
		at := d.strings.next()
		*at = text
		into.Set(reflect.ValueOf(at))
		return ok
	case kindInt32Pointer:
		number, ok := d.int32()
		at := d.ints.next()
		*at = number
		into.Set(reflect.ValueOf(at))
		return ok
	case kindBoolPointer:
		truth := d.peek() == 't'
		at := d.bools.next()
		*at = truth
		into.Set(reflect.ValueOf(at))
		return d.word(strconv.FormatBool(truth))
	}
	return d.readText(into, s, p)
}

// readText reads a Text by way of a variable at its place, since reflection is slow to call a method.
func (d *decoder) readText(into reflect.Value, s *shape, p *place) bool {
	if p.text == nil {
		at := reflect.New(s.of)
		p.text, p.textValue = at.Interface().(Text), at.Elem() //nolint:forcetypeassert // its kind says so
	}
	text, ok := d.copied()
	if !ok || p.text.ReadText(text) != nil {
		return false
	}
	into.SetString(p.textValue.String())
	return true
}

// copied reads a string.
func (d *decoder) copied() (string, bool) {
	text, ok := d.string()
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

func (d *decoder) newStruct(s *shape, p *place) reflect.Value {
	if p.structs.used == 0 {
		d.structs = append(d.structs, &p.structs)
	}
	return p.structs.next(s)
}

// slice reads an array. An empty one is not nil.
func (d *decoder) slice(into reflect.Value, s *shape, p *place, depth int) bool {
	if !d.take('[') || depth > maxDepth {
		return false
	}
	if d.take(']') {
		into.Set(reflect.MakeSlice(into.Type(), 0, 0))
		return true
	}
	for i := 0; ; i++ {
		if into.Len() == into.Cap() {
			into.Grow(room(i, p.longest))
		}
		into.SetLen(i + 1)
		if !d.value(into.Index(i), s.elem, p, depth) {
			return false
		}
		if done, ok := d.more(']'); done || !ok {
			p.longest = i + 1
			return ok
		}
	}
}

// other leaves a value to package json.
func (d *decoder) other(into reflect.Value, p *place, depth int) bool {
	d.peek()
	start := d.at
	return d.skip(p, depth) && json.Unmarshal(d.text[start:d.at], into.Addr().Interface()) == nil
}

// raw hands out the text of a value.
func (d *decoder) raw(into reflect.Value, p *place, depth int) bool {
	d.peek()
	start := d.at
	ok := d.skip(p, depth)
	into.SetBytes(d.text[start:d.at:d.at])
	return ok
}
