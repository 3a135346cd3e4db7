package emulator

// render appends the answer for one entity: bare with its context, or as its page shows it.
func (e *Emulator) render(dst []byte, p *endpoint, en *entity, s *shape, c *call) []byte {
	asPaged := en.asPaged && !e.strict || e.documented
	wrapped := asPaged && (en.asPaged || p.wrapped)
	if wrapped {
		dst = append(dst, `{"value":`...)
	}
	dst = append(dst, '{')
	if !asPaged {
		dst = appendContext(dst, s, c)
	}
	dst = e.project(dst, p, en, s)
	dst = append(dst, '}')
	if wrapped {
		dst = append(dst, '}')
	}
	return dst
}

// appendContext appends the annotation that opens an answer, and a comma.
func appendContext(dst []byte, s *shape, c *call) []byte {
	dst = append(dst, `"@odata.context":"`...)
	dst = append(dst, c.scheme...)
	dst = append(dst, c.host...)
	dst = append(dst, `/v1.0/$metadata#`...)
	dst = append(dst, s.context...)
	return append(dst, ',')
}

// project appends those members of an entity that the shape asks for.
func (e *Emulator) project(dst []byte, p *endpoint, en *entity, s *shape) []byte {
	if s.selected == nil && s.expanded == nil {
		return append(dst, en.raw...)
	}
	selected, expanded := ^uint64(0), uint64(0)
	if s.selected != nil {
		selected = s.selected[en.kind]
	}
	if s.expanded != nil {
		expanded = s.expanded[en.kind]
	}
	mark := len(dst)
	for i := range en.members {
		m := &en.members[i]
		switch {
		case m.bit == bitUndeclared && s.selected != nil:
			continue
		case m.bit >= 0 && selected&(1<<m.bit) == 0:
			continue
		}
		if len(dst) > mark {
			dst = append(dst, ',')
		}
		if m.bit >= 0 && expanded&(1<<m.bit) != 0 && m.ref != "" {
			dst = e.expand(dst, p, en, m)
			continue
		}
		dst = append(dst, en.raw[m.from:m.to]...)
	}
	return dst
}

// expand appends a reference with all members of its target; with the id alone where the target is not kept here.
func (e *Emulator) expand(dst []byte, p *endpoint, en *entity, m *member) []byte {
	text := en.raw[m.from:m.to]
	name := memberName(text)
	target := e.find(e.endpoint(p.kinds[en.kind].sets[name]), m.ref)
	if target == nil {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	dst = append(dst, name...)
	dst = append(dst, `":{`...)
	dst = append(dst, target.raw...)
	return append(dst, '}')
}

// memberName returns the name in `"name":value`. Names of navigation properties need no unescaping.
func memberName(text []byte) string {
	for i := 1; i < len(text); i++ {
		if text[i] == '"' {
			return string(text[1:i])
		}
	}
	return ""
}
