package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"portico/graph/limits"
)

// What args may ask for in place of running the service.
var (
	// ErrHelp is returned when help was asked for and written.
	ErrHelp = errors.New("help requested")
	// ErrVersion is returned when the version was asked for.
	ErrVersion = errors.New("version requested")
	// ErrLicenses is returned when the licenses were asked for.
	ErrLicenses = errors.New("licenses requested")
)

// Load reads the settings from args, which do not include the program's name, and from the environment, whose entries
// have the form NAME=VALUE. If anything is wrong, the error joins one *[Problem] for each thing, and the Config says
// how to log it; if args ask for help, it is [ErrHelp], and help has been written to stdout; for the version,
// [ErrVersion]; for the licenses, [ErrLicenses].
func Load(args, environ []string, stdout io.Writer) (Config, error) {
	l := newLoader(environ)
	parser, err := l.parser(stdout)
	if err != nil {
		return Config{}, err
	}
	l.checkVariables()
	if _, err := parser.Parse(l.clean(args)); err != nil {
		l.problems = append(l.problems, &Problem{Text: err.Error()})
	}
	if l.helped {
		return Config{}, ErrHelp
	}
	if l.config.Version {
		return Config{}, ErrVersion
	}
	if l.config.Licenses {
		return Config{}, ErrLicenses
	}
	l.check()
	if len(l.problems) > 0 {
		return Config{LogFormat: l.config.LogFormat}, errors.Join(l.problems...)
	}
	return l.config, nil
}

// description names the commands, which stand in front of all flags and are not kong's.
const description = `GraphQL over Microsoft Graph's threat-intelligence API.

Commands, in place of serving:

  portico healthcheck        asks the Portico with these settings whether it is ready
  portico documents check    validates and prices trusted documents; see portico documents --help

Exit codes:

  0     stopped by a signal, after completing the running requests
  1     failed for a reason that a restart may fix, such as an address in use
  78    a setting, an argument or a file is wrong: restarting does not help`

// parser has kong do what it is good at: names, defaults, help. The environment it would read by itself and stop at the
// first error; so variables stand under a tag of our own and come through a resolver, and values that cannot be read
// are noted.
func (l *loader) parser(stdout io.Writer) (*kong.Kong, error) {
	parser, err := kong.New(&l.config,
		kong.Name("portico"),
		kong.Description(description),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { l.helped = true }),
		kong.Resolvers(kong.ResolverFunc(l.resolve)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
		kong.ValueFormatter(helpText),
		kong.TypeMapper(reflect.TypeFor[string](), mapper(l, func(s string) (string, error) { return s, nil })),
		kong.TypeMapper(reflect.TypeFor[int](), numeric[int](l)),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), numeric[time.Duration](l)),
		kong.TypeMapper(reflect.TypeFor[limits.Bytes](), numeric[limits.Bytes](l)),
		kong.TypeMapper(reflect.TypeFor[Switch](), mapper(l, parseSwitch)),
		kong.TypeMapper(reflect.TypeFor[List](), mapper(l, parseList)),
		kong.TypeMapper(reflect.TypeFor[Store](), mapper(l, parseStore)),
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

// helpText adds to a flag's help the variable, or both of a secret's, the range and the default.
func helpText(value *kong.Value) string {
	names := variables(value)
	if len(names) == 0 {
		return value.Help
	}
	text := value.Help + " [" + strings.Join(names, " or ")
	if allowed := rangeOf(value); allowed != "" {
		text += ", " + allowed
	}
	if value.Default != "" {
		text += ", default " + value.Default
	}
	return text + "]"
}

// resolve returns the value that the environment has for a flag, nil for none.
func (l *loader) resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	names := variables(flag.Value)
	if len(names) == 0 {
		return nil, nil
	}
	value := l.environ[names[0]]
	if len(names) == 1 {
		return l.found(names[0], names[0], value), nil
	}
	switch file := l.environ[names[1]]; {
	case value != "" && file != "":
		l.wrong(names[0], names[1]+" is set as well: keep one of the two")
		return nil, nil
	case file != "":
		return l.found(names[0], names[1], file), nil
	case value != "":
		return l.found(names[0], names[0], NewSecret(value)), nil
	}
	return nil, nil
}

// found notes under which name the environment has a setting, unless its flag was given, and returns the value, nil for
// none.
func (l *loader) found(variable, name string, value any) any {
	if value == "" {
		return nil
	}
	if !l.given(variable) {
		l.names[variable] = name
	}
	return value
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

// numeric returns a mapper for a type whose values limits.ParseValue reads.
func numeric[T int | time.Duration | limits.Bytes](l *loader) kong.Mapper {
	return mapper(l, func(text string) (T, error) {
		n, err := limits.ParseValue(reflect.TypeFor[T](), text)
		return T(n), err
	})
}

// readSecret reads a secret from the file with the name. Its errors do not repeat the name: by mistake it may be the
// secret itself.
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
