package config

import (
	"strings"

	"github.com/alecthomas/kong"
)

// Setting is one row of the documentation: a setting's names, default and meaning.
type Setting struct {
	// Variables has one name, or two for a secret: the value's and its file's.
	Variables []string
	Flag      string
	Default   string
	// Range is the least and the most that is allowed, such as "1 to 100"; empty for settings that are not numbers.
	Range   string
	Meaning string
	Group   string
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
			Range:     rangeOf(flag.Value),
			Meaning:   flag.Help,
			Group:     flag.Group.Title,
		})
	}
	return all
}

// rangeOf returns the range in the tags of a setting, such as "1 to 100".
func rangeOf(value *kong.Value) string {
	if least := value.Tag.Get("least"); least != "" {
		return least + " to " + value.Tag.Get("most")
	}
	return ""
}

// Table returns all settings as Markdown: a heading and a table for each group, as --help prints them.
func Table() string {
	var b strings.Builder
	group := ""
	for _, s := range Settings() {
		if s.Group != group {
			group = s.Group
			b.WriteString("\n### " + group + "\n\n| Environment | Flag | Default | Meaning |\n|---|---|---|---|\n")
		}
		if s.Range != "" {
			s.Meaning += " From " + s.Range + "."
		}
		b.WriteString("| " + code(strings.Join(s.Variables, "` or `")) + " | " + code(s.Flag) + " | " + code(s.Default) +
			" | " + cell(s.Meaning) + " |\n")
	}
	return b.String()
}

// LimitsTable returns the limits as a Markdown table.
func LimitsTable() string {
	var b strings.Builder
	b.WriteString("| Flag | Default | Allowed | What it limits |\n|---|---|---|---|\n")
	for _, s := range Settings() {
		if s.Group == "Limits" {
			b.WriteString("| " + code(s.Flag) + " | " + code(s.Default) + " | " + s.Range + " | " + cell(s.Meaning) + " |\n")
		}
	}
	return b.String()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
