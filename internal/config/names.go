package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// prefix is what the names of Portico's own variables begin with. Others are Azure's.
const prefix = "PORTICO_"

// checkVariables notes variables with Portico's prefix that are not settings.
func (l *loader) checkVariables() {
	known := map[string]bool{}
	for _, flag := range l.flags {
		for _, name := range variables(flag.Value) {
			known[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.environ)) {
		if strings.HasPrefix(name, prefix) && !known[name] && !l.ofKubernetes(name) {
			l.stray(name + ": " + suggestion(name, known) + "There is no such setting; see --help.")
		}
	}
}

// ofKubernetes reports whether a variable is one of those that Kubernetes gives to every container for a service: for
// the service portico it sets PORTICO_SERVICE_HOST, PORTICO_PORT, PORTICO_PORT_8080_TCP_ADDR and more.
func (l *loader) ofKubernetes(name string) bool {
	for host := range l.environ {
		service, found := strings.CutSuffix(host, "_SERVICE_HOST")
		rest, ofService := strings.CutPrefix(name, service+"_")
		if found && ofService && (strings.HasPrefix(rest, "SERVICE_") || rest == "PORT" || strings.HasPrefix(rest, "PORT_")) {
			return true
		}
	}
	return false
}

// clean notes arguments that are not settings, which kong would stop at, and returns the others, each as --name=value.
func (l *loader) clean(args []string) []string {
	known := map[string]bool{"--help": true, "--version": true, "--licenses": true}
	settings := map[string]string{} // variables by flag
	for name, flag := range l.flags {
		known["--"+flag.Name] = true
		settings["--"+flag.Name] = name
	}
	var kept []string
	for i := 0; i < len(args); i++ {
		name, _, whole := strings.Cut(args[i], "=")
		hasValue := whole || i+1 < len(args)
		switch {
		case args[i] == "--help" || args[i] == "-h" || args[i] == "--version" || args[i] == "--licenses":
			kept = append(kept, args[i])
		case !strings.HasPrefix(name, "-") || name == "-" || name == "--":
			l.stray(fmt.Sprintf("argument %d is not a flag: settings are flags, see --help", i+1)) // it may be a secret
		case settings[name] == "":
			l.strayFlag(name, known)
			if !whole && hasValue && !strings.HasPrefix(args[i+1], "-") {
				i++
			}
		case !hasValue:
			l.stray("flag " + name + " needs a value")
		default:
			variable := settings[name]
			names := variables(l.flags[variable].Value)
			l.names[variable] = names[len(names)-1] // a secret's flag names a file
			kept = append(kept, args[i])
			if !whole {
				i++
				kept[len(kept)-1] += "=" + args[i]
			}
		}
	}
	return kept
}

// strayFlag notes a flag that does not exist, and the one that was probably meant.
func (l *loader) strayFlag(name string, known map[string]bool) {
	if strings.HasPrefix(name, "--") {
		l.stray(name + ": " + suggestion(name, known) + "There is no such flag; see --help.")
		return
	}
	l.stray(name + ": " + suggestion("-"+name, known) + "Flags begin with two dashes; see --help.")
}

// suggestion asks whether the nearest known name was meant; it is empty if none is near.
func suggestion(name string, known map[string]bool) string {
	best, least := "", max(2, len(name)/4)
	for _, candidate := range slices.Sorted(maps.Keys(known)) {
		if distance := levenshtein.ComputeDistance(name, candidate); distance <= least && (best == "" || distance < least) {
			best, least = candidate, distance
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + best + "? "
}
