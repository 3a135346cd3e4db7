package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"portico/graph/limits"
)

// Problem is one thing that is wrong with the settings. Its text never holds a value that might be secret.
type Problem struct {
	// Flag and Variable name the setting, a secret by the variable that was given: its own or that of its file. Both are
	// empty for an argument that is none. Some of OpenTelemetry's variables have no flag.
	Flag, Variable string
	// Text says what is wrong and what to do.
	Text string
}

// Error returns the problem in one line.
func (p *Problem) Error() string {
	switch {
	case p.Variable == "":
		return p.Text
	case p.Flag == "":
		return p.Variable + ": " + p.Text
	}
	return p.Variable + " (" + p.Flag + "): " + p.Text
}

// loader collects the settings and what is wrong with them.
type loader struct {
	environ  map[string]string // without empty values, which count as unset
	config   Config
	flags    map[string]*kong.Flag // by variable
	names    map[string]string     // by variable: itself or its file's, if the setting was given
	wrongs   map[string]bool       // variables of settings that are wrong
	problems []error
	helped   bool
}

func newLoader(environ []string) *loader {
	l := &loader{
		environ: map[string]string{}, flags: map[string]*kong.Flag{}, names: map[string]string{},
		wrongs: map[string]bool{},
	}
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); value != "" {
			l.environ[name] = value
		}
	}
	return l
}

// given reports whether a setting was set explicitly, be it to its default.
func (l *loader) given(variable string) bool { return l.names[variable] != "" }

// wrong notes what is wrong with the setting under the variable. Once a setting is wrong, what else follows from it is
// left out.
func (l *loader) wrong(variable, text string) {
	if l.noted(variable) {
		return
	}
	l.wrongs[variable] = true
	problem := &Problem{Variable: variable, Text: text}
	if l.given(variable) {
		problem.Variable = l.names[variable]
	}
	if flag := l.flags[variable]; flag != nil {
		problem.Flag = "--" + flag.Name
	}
	l.problems = append(l.problems, problem)
}

func variables(value *kong.Value) []string {
	name := value.Tag.Get("variable")
	switch {
	case name == "":
		return nil
	case value.Target.Type() == reflect.TypeFor[Secret]():
		return []string{name, name + "_FILE"}
	}
	return []string{name}
}

// checkRanges notes each number, duration or size that is out of the range in its tags.
func (l *loader) checkRanges() {
	for _, variable := range slices.Sorted(maps.Keys(l.flags)) {
		value := l.flags[variable].Value
		least, most := value.Tag.Get("least"), value.Tag.Get("most")
		if least == "" {
			continue
		}
		from, err := limits.ParseValue(value.Target.Type(), least)
		to, err2 := limits.ParseValue(value.Target.Type(), most)
		if err != nil || err2 != nil {
			panic(errors.Join(err, err2)) // the struct's tags are wrong, which every test would show
		}
		if n := value.Target.Int(); n < from || n > to {
			l.wrong(variable, fmt.Sprintf("must be between %s and %s (got %v)", least, most, value.Target))
		}
	}
}

func (l *loader) oneOf(variable, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		last := len(allowed) - 1
		l.wrong(variable, "must be "+strings.Join(allowed[:last], ", ")+" or "+allowed[last])
	}
}

// checkKeys holds a key and the one before it, whose variable ends with _OLD, to their rules. The use says what the new
// one does.
func (l *loader) checkKeys(keys map[string]Secret, variable, use string) {
	for name, key := range keys {
		if !key.IsZero() && len(key.Reveal()) < 32 {
			l.wrong(name, "must have 32 characters or more")
		}
	}
	if keys[variable].IsZero() && !keys[variable+"_OLD"].IsZero() && !l.noted(variable) {
		l.wrong(variable, "must be set, because "+variable+"_OLD is set: "+use)
	}
}

// noted reports whether something is wrong with the setting already.
func (l *loader) noted(variable string) bool { return l.wrongs[variable] }

func (l *loader) warn(text string) { l.config.Warnings = append(l.config.Warnings, text) }

func (l *loader) unused(given []string, why string) {
	if len(given) > 0 {
		l.warn(strings.Join(given, ", ") + " will not be used: " + why)
	}
}

// readable notes a file that cannot be read now; what it holds is not looked at.
func (l *loader) readable(variable, name string) {
	if name == "" {
		return
	}
	file, err := os.Open(name)
	if err != nil {
		l.wrong(variable, err.Error())
		return
	}
	_ = file.Close() // nothing was written
}

var (
	tenantPattern = regexp.MustCompile(`^[0-9A-Za-z](?:[0-9A-Za-z.-]{0,252}[0-9A-Za-z])?$`)
	clientPattern = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

func (l *loader) stray(text string) {
	l.problems = append(l.problems, &Problem{Text: text})
}
