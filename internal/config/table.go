package config

import "strings"

// Setting is one row of the documentation: a setting's names, default and meaning.
type Setting struct {
	// Variables has one name, or two for a secret: the value's and its file's.
	Variables []string
	Flag      string
	Default   string
	Meaning   string
	Group     string
}

// Settings returns all settings in the order of --help.
func Settings() []Setting {
	l := newLoader(nil)
	parser, err := l.parser(&strings.Builder{})
	if err != nil {
		panic(err) // the struct's tags are wrong, which every test would show
	}
	var all []Setting
	for _, flag := range parser.Model.Flags {
		names := variables(flag.Value)
		if len(names) == 0 {
			continue
		}
		all = append(all, Setting{
			Variables: names,
			Flag:      "--" + flag.Name,
			Default:   flag.Default,
			Meaning:   flag.Help,
			Group:     flag.Group.Title,
		})
	}
	return all
}

// Table returns all settings as a Markdown table.
func Table() string {
	var b strings.Builder
	b.WriteString("| Environment | Flag | Default | Meaning |\n|---|---|---|---|\n")
	for _, s := range Settings() {
		b.WriteString("| " + code(strings.Join(s.Variables, "` or `")) + " | " + code(s.Flag) + " | " + code(s.Default) + " | " +
			strings.ReplaceAll(s.Meaning, "|", `\|`) + " |\n")
	}
	return b.String()
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
