package odata

// A Finder returns the entity of a set with that id, or nil.
type Finder func(set, id string) *Entity

// Append appends the members of an entity that the query selects, without braces. find returns the targets of expanded
// references.
func (q *Query) Append(dst []byte, s *Set, en *Entity, find Finder) []byte {
	if q.selected == nil && q.expanded == nil {
		return append(dst, en.text...)
	}
	selected, expanded := ^uint64(0), uint64(0)
	if q.selected != nil {
		selected = q.selected[en.kind]
	}
	if q.expanded != nil {
		expanded = q.expanded[en.kind]
	}
	mark := len(dst)
	for i := range en.parts {
		p := &en.parts[i]
		switch {
		case p.bit == bitUndeclared && q.selected != nil:
			continue
		case p.bit >= 0 && selected&(1<<p.bit) == 0:
			continue
		}
		if len(dst) > mark {
			dst = append(dst, ',')
		}
		if p.bit >= 0 && expanded&(1<<p.bit) != 0 && p.ref != "" {
			dst = appendExpanded(dst, s, en, p, find)
			continue
		}
		dst = append(dst, en.text[p.from:p.to]...)
	}
	return dst
}

// appendExpanded appends a reference with all members of its target. If the target does not exist, the reference stays
// as it is.
func appendExpanded(dst []byte, s *Set, en *Entity, p *part, find Finder) []byte {
	text := en.text[p.from:p.to]
	name := memberName(text)
	target := find(s.kinds[en.kind].refs[name], p.ref)
	if target == nil {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	dst = append(dst, name...)
	dst = append(dst, `":{`...)
	dst = append(dst, target.text...)
	return append(dst, '}')
}

// memberName returns the name in `"name":value`. Names of navigation properties contain no escapes.
func memberName(text []byte) string {
	for i := 1; i < len(text); i++ {
		if text[i] == '"' {
			return string(text[1:i])
		}
	}
	return ""
}

// AppendItem appends one item of a list with its braces.
func (q *Query) AppendItem(dst []byte, e *Endpoint, en *Entity, find Finder) []byte {
	dst = append(dst, '{')
	if !e.Bare {
		return append(q.Append(dst, e.Of, en, find), '}')
	}
	k := &e.Of.kinds[en.kind]
	dst = append(dst, `"@odata.type":"`...)
	dst = append(dst, k.mark...)
	dst = append(dst, `","id":`...)
	dst = AppendString(dst, en.ID)
	dst = append(dst, k.empty...)
	return append(dst, '}')
}
