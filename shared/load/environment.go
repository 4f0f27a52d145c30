package load

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of an environment.
const (
	MaxEnvNames = 100
	MaxEnvBytes = 64 << 10 // of all names and values together
)

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Environment is what a scenario sees as os.environ. The values are secrets: they are kept apart from the run record, and shown
// nowhere.
type Environment map[string]string

// EnvName reports whether a text can be the name of a variable: [A-Za-z_][A-Za-z0-9_]*.
func EnvName(name string) bool { return envName.MatchString(name) }

// Validate reports the first thing that is wrong, without any value. The error is a *FieldError.
func (e Environment) Validate() error {
	if len(e) > MaxEnvNames {
		return fieldErrorf("env", "%d names are too many, at most %d are possible", len(e), MaxEnvNames)
	}
	size := 0
	for _, name := range e.Names() {
		switch value := e[name]; {
		case !EnvName(name):
			return fieldErrorf("env", "%q is not a name: a letter or _, then letters, digits and _", name)
		case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
			return fieldErrorf("env", "the value of %s is not a text", name)
		default:
			size += len(name) + len(value)
		}
	}
	if size > MaxEnvBytes {
		return fieldErrorf("env", "names and values have %d bytes together, they may have %d KiB", size, MaxEnvBytes>>10)
	}
	return nil
}

// Names returns the names in order; nil if there is none.
func (e Environment) Names() []string { return slices.Sorted(maps.Keys(e)) }

// String returns the names, so that values are not printed by mistake.
func (e Environment) String() string { return strings.Join(e.Names(), " ") }

// GoString is String.
func (e Environment) GoString() string { return e.String() }
