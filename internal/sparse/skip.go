package sparse

// skip consumes a value and validates it.
func (d *decoder) skip(p *place, depth int) bool {
	switch d.peek() {
	case '"':
		_, ok := d.string()
		return ok
	case '{':
		return depth < maxDepth && d.skipObject(p, depth+1)
	case '[':
		return depth < maxDepth && d.skipArray(p, depth+1)
	case 't':
		return d.word("true")
	case 'f':
		return d.word("false")
	case 'n':
		return d.word("null")
	}
	_, ok := d.number()
	return ok
}

func (d *decoder) skipObject(p *place, depth int) bool {
	d.at++
	if d.take('}') {
		return true
	}
	for before := 0; ; before++ {
		at := d.member(p, before)
		if at == nil || !d.skip(at, depth) {
			return false
		}
		if done, ok := d.more('}'); done || !ok {
			return ok
		}
	}
}

func (d *decoder) skipArray(p *place, depth int) bool {
	d.at++
	if d.take(']') {
		return true
	}
	for {
		if !d.skip(p, depth) {
			return false
		}
		if done, ok := d.more(']'); done || !ok {
			return ok
		}
	}
}

// anything is the type of a text that is not read.
var anything = &table{}

// Valid reports whether a text is one JSON value, as package json would accept it. It is much faster, but returns false
// for what is unusual as well, which is then for package json to decide.
func Valid(text []byte) bool {
	d := anything.decoder()
	d.text, d.at = text, 0
	ok := d.skip(d.root, 0) && d.ends()
	anything.release(d)
	return ok
}
