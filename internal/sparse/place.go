package sparse

import (
	"reflect"
	"slices"
)

const (
	// maxMembers is how many members an object may have.
	maxMembers = 64
	// maxName is how long the name of a member may be.
	maxName = 128
	// maxNames is how many names may be new in one text.
	maxNames = 1024
)

// place is a place in texts of one type: what is reached by the same names, through lists. Objects at one place mostly
// have the same members in the same order, in each element of a list and in one response after another. So the names
// of the last object foretell those of the next. A name that was foretold takes one comparison: its end is known, its
// field is known, and it differs from the names before it.
type place struct {
	name  string // of the member: with quotes and the colon, as it stands in a text
	field int    // of the struct that the member belongs to, -1 for none
	table *table // of the struct that objects here may be read into, nil for none
	// inside are the names of the members of objects here. All are different. While an object is read, those of the
	// members so far come first, in their order; behind them is what may follow.
	inside []*place

	mask    uint64      // the fields that are read of objects here, according to
	maskOf  *Properties // these properties, nil for all
	structs structs
	longest int // the length of the last list here

	text      Text // a variable of the type of the texts here, nil for none yet
	textValue reflect.Value
}

func (p *place) has(name []byte) bool { return p.name[1:len(p.name)-2] == string(name) }

// wanted returns which fields of objects here are read.
func (p *place) wanted(properties *Properties) uint64 {
	if p.maskOf != properties {
		p.mask, p.maskOf = properties.mask(p.table), properties
	}
	return p.mask
}

// member consumes the name of the member of an object that has had some members before, and the colon. It returns the
// place of its value, nil for a name that the object has twice, or an unusual one.
func (d *decoder) member(object *place, before int) *place {
	d.peek()
	if before < len(object.inside) {
		next := object.inside[before]
		if end := d.at + len(next.name); end <= len(d.text) && string(d.text[d.at:end]) == next.name {
			d.at = end
			return next
		}
	}
	return d.learn(object, before)
}

// learn does what member does, for a name that was not foretold.
func (d *decoder) learn(object *place, before int) *place {
	name, ok := d.name()
	if !ok || len(name) > maxName || before == maxMembers {
		return nil
	}
	at := slices.IndexFunc(object.inside, func(p *place) bool { return p.has(name) })
	switch {
	case at < 0:
		if d.learned++; d.learned > maxNames {
			return nil
		}
		object.inside = slices.Insert(object.inside, before, object.table.placeOf(name))
		object.inside = object.inside[:min(len(object.inside), maxMembers)]
	case at < before:
		return nil
	default: // it came later the last time
		found := object.inside[at]
		copy(object.inside[before+1:at+1], object.inside[before:at])
		object.inside[before] = found
	}
	return object.inside[before]
}

// placeOf returns the place of the member of an object.
func (t *table) placeOf(name []byte) *place {
	p := &place{name: `"` + string(name) + `":`, field: t.match(name), mask: all}
	if p.field >= 0 {
		p.table = t.fields[p.field].shape.object()
	}
	return p
}
