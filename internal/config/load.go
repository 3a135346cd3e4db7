package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// ErrHelp is returned when help was asked for and written.
var ErrHelp = errors.New("help was asked for")

// Problem is one thing that is wrong with the settings. Its text never holds a value
// that might be secret.
type Problem struct {
	// Flag and Variable name the setting; both are empty for an argument that is none.
	Flag, Variable string
	// Text says what is wrong and what to do.
	Text string
}

// Error returns the problem in one line.
func (p *Problem) Error() string {
	if p.Variable == "" {
		return p.Text
	}
	return p.Variable + " (" + p.Flag + "): " + p.Text
}

// Load reads the settings from args, which do not include the program's name, and
// from the environment by way of getenv. If anything is wrong, the error joins one
// *[Problem] for each thing; if args ask for help, it is [ErrHelp], and help has been
// written to stdout.
func Load(args []string, getenv func(string) string, stdout io.Writer) (Config, error) {
	l := &loader{getenv: getenv, flags: map[string]*kong.Flag{}, set: map[string]bool{}}
	parser, err := l.parser(stdout)
	if err != nil {
		return Config{}, err
	}
	if _, err := parser.Parse(l.clean(args)); err != nil {
		l.problems = append(l.problems, &Problem{Text: err.Error()})
	}
	if l.helped {
		return Config{}, ErrHelp
	}
	l.check()
	if len(l.problems) > 0 {
		return Config{}, errors.Join(l.problems...)
	}
	return l.config, nil
}

// loader collects the settings and what is wrong with them.
type loader struct {
	getenv   func(string) string
	config   Config
	flags    map[string]*kong.Flag // by variable
	set      map[string]bool       // variables of the settings that were given, by flag or environment
	problems []error
	helped   bool
}

// given reports whether a setting was set explicitly, be it to its default.
func (l *loader) given(variable string) bool { return l.set[variable] }

// parser has kong do what it is good at: names, defaults, help. The environment it
// would read by itself and stop at the first error; so variables stand under a tag of
// our own and come through a resolver, and values that cannot be read are noted.
func (l *loader) parser(stdout io.Writer) (*kong.Kong, error) {
	parser, err := kong.New(&l.config,
		kong.Name("portico"),
		kong.Description("GraphQL over Microsoft Graph's threat-intelligence API."),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { l.helped = true }),
		kong.Resolvers(kong.ResolverFunc(l.resolve)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
		kong.ValueFormatter(helpText),
		kong.TypeMapper(reflect.TypeFor[string](), mapper(l, func(s string) (string, error) { return s, nil })),
		kong.TypeMapper(reflect.TypeFor[int](), mapper(l, parseInt)),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), mapper(l, parseDuration)),
		kong.TypeMapper(reflect.TypeFor[Bytes](), mapper(l, parseBytes)),
		kong.TypeMapper(reflect.TypeFor[Switch](), mapper(l, parseSwitch)),
		kong.TypeMapper(reflect.TypeFor[List](), mapper(l, parseList)),
		kong.TypeMapper(reflect.TypeFor[Secret](), mapper(l, readSecret)))
	if err != nil {
		return nil, fmt.Errorf("building the flags: %w", err)
	}
	for _, flag := range parser.Model.Flags {
		if name := flag.Tag.Get("variable"); name != "" {
			l.flags[name] = flag
		}
	}
	return parser, nil
}

// helpText adds the default and the variable, or both of a secret's, to a flag's help.
func helpText(value *kong.Value) string {
	names := variables(value)
	if len(names) == 0 {
		return value.Help
	}
	text := value.Help + " [" + strings.Join(names, " or ")
	if value.Default != "" {
		text += ", default " + value.Default
	}
	return text + "]"
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

// resolve returns the value that the environment has for a flag, nil for none.
func (l *loader) resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	names := variables(flag.Value)
	if len(names) == 0 {
		return nil, nil
	}
	value := l.getenv(names[0])
	if len(names) == 1 {
		if value == "" {
			return nil, nil
		}
		l.set[names[0]] = true
		return value, nil
	}
	switch file := l.getenv(names[1]); {
	case value != "" && file != "":
		l.wrong(names[0], names[1]+" is set as well: keep one of the two")
		return nil, nil
	case file != "":
		return file, nil
	case value != "":
		return NewSecret(value), nil
	}
	return nil, nil
}

// mapper returns a mapper that notes what parse complains of, so that reading goes on.
func mapper[T any](l *loader, parse func(string) (T, error)) kong.Mapper {
	return kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
		token, err := ctx.Scan.PopValue("value")
		if err != nil {
			return err
		}
		value, ready := token.Value.(T)
		if _, text := any(value).(string); text || !ready {
			if value, err = parse(token.String()); err != nil {
				l.wrong(ctx.Value.Tag.Get("variable"), err.Error())
				return nil
			}
		}
		target.Set(reflect.ValueOf(value))
		return nil
	})
}

func parseInt(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, errors.New("must be a whole number")
	}
	return n, nil
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, errors.New("must be a duration such as 15s or 1m30s")
	}
	return d, nil
}

// readSecret reads a secret from the file with the name. Its errors do not repeat the
// name: by mistake it may be the secret itself.
func readSecret(name string) (Secret, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		var cause *fs.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return Secret{}, fmt.Errorf("must name a readable file that holds the secret: %w", err)
	}
	text := strings.TrimRight(string(data), "\r\n")
	if text == "" {
		return Secret{}, errors.New("must name a file that holds the secret: this one is empty")
	}
	return NewSecret(text), nil
}

// clean notes arguments that are no settings, which kong would stop at, and returns
// the others, each as --name=value.
func (l *loader) clean(args []string) []string {
	known := map[string]bool{}
	for variable, flag := range l.flags {
		known["--"+flag.Name] = true
		l.set[variable] = slices.ContainsFunc(args, func(arg string) bool {
			name, _, _ := strings.Cut(arg, "=")
			return name == "--"+flag.Name
		})
	}
	var kept []string
	for i := 0; i < len(args); i++ {
		name, _, whole := strings.Cut(args[i], "=")
		switch {
		case args[i] == "--help" || args[i] == "-h":
			kept = append(kept, args[i])
		case !strings.HasPrefix(name, "--"):
			l.stray(fmt.Sprintf("argument %d is not a flag: settings are flags, see --help", i+1))
		case !known[name]:
			l.stray("there is no flag " + name + ", see --help")
			if !whole && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
				i++
			}
		case whole:
			kept = append(kept, args[i])
		case i+1 < len(args):
			i++
			kept = append(kept, name+"="+args[i])
		default:
			l.stray("flag " + name + " needs a value")
		}
	}
	return kept
}

func (l *loader) stray(text string) {
	l.problems = append(l.problems, &Problem{Text: text})
}

// wrong notes what is wrong with the setting under the variable. Once a setting is
// wrong, what else follows from it is left out.
func (l *loader) wrong(variable, text string) {
	if l.noted(variable) {
		return
	}
	problem := &Problem{Variable: variable, Text: text}
	if flag := l.flags[variable]; flag != nil {
		problem.Flag = "--" + flag.Name
	}
	l.problems = append(l.problems, problem)
}
