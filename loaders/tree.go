package loaders

// tree finds the paths below another. It takes in paths only when they are looked for, because most operations never
// do; so with many entities and many lists, no entity needs a search through all paths.
type tree struct {
	taken   int // how many of the paths it has
	beneath map[string][]string
}

// below returns those of the paths that are below one. The paths are those of earlier calls and more.
func (t *tree) below(path string, paths []string) []string {
	if t.beneath == nil {
		t.beneath = map[string][]string{}
	}
	for _, at := range paths[t.taken:] {
		for i := range len(at) {
			if at[i] == '/' {
				t.beneath[at[:i]] = append(t.beneath[at[:i]], at)
			}
		}
	}
	t.taken = len(paths)
	return t.beneath[path]
}
