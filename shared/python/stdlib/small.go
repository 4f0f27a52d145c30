package stdlib

import (
	"maps"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

const (
	lower      = "abcdefghijklmnopqrstuvwxyz"
	upper      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits     = "0123456789"
	hexDigits  = digits + "abcdefABCDEF"
	punctuated = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	whitespace = " \t\n\r\v\f"
)

func newString(Host) *runtime.Module {
	m := members(define("capwords(s, sep=None)", func(th *thread, a args) (value, error) {
		s, ok := runtime.AsStr(a.Vals[0])
		if !ok {
			return nil, runtime.Errorf(runtime.TypeError, "capwords() argument must be str, not %s", a.Vals[0].Class().Name)
		}
		words, sep := strings.Fields(s), " "
		if given, ok := runtime.AsStr(a.Vals[1]); ok && given != "" {
			words, sep = strings.Split(s, given), given
		}
		for i, w := range words {
			if r := []rune(w); len(r) > 0 {
				words[i] = strings.ToUpper(string(r[:1])) + strings.ToLower(string(r[1:]))
			}
		}
		return runtime.Str(strings.Join(words, sep)), th.Alloc(len(s))
	}))
	for name, text := range map[string]string{
		"ascii_lowercase": lower, "ascii_uppercase": upper, "ascii_letters": lower + upper, "digits": digits,
		"hexdigits": hexDigits, "octdigits": "01234567", "punctuation": punctuated, "whitespace": whitespace,
		"printable": digits + lower + upper + punctuated + whitespace,
	} {
		m[name] = runtime.Str(text)
	}
	return runtime.NewModule("string", m)
}

// newOS makes the os module: the environment the host gave, and nothing else.
func newOS(h Host) *runtime.Module {
	environ := runtime.NewDict()
	for _, k := range slices.Sorted(maps.Keys(h.Environ)) {
		environ.SetStr(k, runtime.Str(h.Environ[k]))
	}
	m := members(
		define("getenv(key, default=None)", func(th *thread, a args) (value, error) {
			v, err := environ.Get(th, a.Vals[0])
			if v == nil && err == nil {
				return a.Vals[1], nil
			}
			return v, err
		}),
		define("getpid()", func(*thread, args) (value, error) { return runtime.NewInt(1), nil }),
	)
	m["environ"], m["linesep"], m["sep"], m["name"] = environ, runtime.Str("\n"), runtime.Str("/"), runtime.Str("posix")
	return runtime.NewModule("os", m)
}
