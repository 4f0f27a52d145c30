package stdlib

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// The re module runs on RE2, whose time grows with the text alone. Patterns are
// translated from Python's syntax. What RE2 has no form of is refused: at load when the
// pattern is a literal, with re.error otherwise. Differences that remain:
//
//   - \b and \B know the words of ASCII.
//   - After an empty match the search goes on a character later, also where a pattern
//     that prefers the empty match could match more.
//   - A pattern with $ but without MULTILINE that could end either at the end of the
//     text or before its final line break takes the longer match also where it is lazy.
//   - A group that stands in a repeat of what may be empty may keep another of its matches.

var reError = runtime.NewExceptionClass("re", "error", runtime.ExceptionClass)

// raise makes the exception of a pattern.
func (e *patternError) raise(th *thread, source value) error {
	text := e.msg
	lineno, colno, pos := runtime.None, runtime.None, runtime.None
	if s, ok := source.(runtime.Str); ok && e.pos >= 0 {
		before := []rune(string(s))
		before = before[:min(e.pos, len(before))]
		line := 1
		column := e.pos - lastRune(before, '\n')
		for _, r := range before {
			if r == '\n' {
				line++
			}
		}
		text += fmt.Sprintf(" at position %d", e.pos)
		if strings.Contains(string(s), "\n") {
			text += fmt.Sprintf(" (line %d, column %d)", line, column)
		}
		lineno, colno, pos = runtime.NewInt(int64(line)), runtime.NewInt(int64(column)), runtime.NewInt(int64(e.pos))
	}
	x := runtime.NewException(reError, runtime.Str(text))
	for name, v := range map[string]value{"msg": runtime.Str(e.msg), "pattern": source, "pos": pos, "lineno": lineno, "colno": colno} {
		if err := runtime.SetAttr(th, x, name, v); err != nil {
			return err
		}
	}
	return x
}

// lastRune is the place of the last r, -1 without one.
func lastRune(s []rune, r rune) int {
	for i, c := range slices.Backward(s) {
		if c == r {
			return i
		}
	}
	return -1
}

// patternCache keeps the compiled patterns of a program.
type patternCache struct {
	mu    sync.Mutex
	known map[patternKey]*pattern
}

type patternKey struct {
	source value // Str or Bytes
	flags  int
}

// maxCached is how many patterns a cache keeps; one more empties it.
const maxCached = 512

func (c *patternCache) purge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.known)
}

// compile is re.compile: a pattern passes through.
func (c *patternCache) compile(th *thread, source, flags value) (*pattern, error) {
	bits, ok := regexBits(flags)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "unsupported operand type(s) for &: '%s' and 'RegexFlag'", flags.Class().Name)
	}
	if p, ok := source.(*pattern); ok {
		if bits != 0 {
			return nil, runtime.Errorf(runtime.ValueError, "cannot process flags argument with a compiled pattern")
		}
		return p, nil
	}
	source = runtime.Data(source)
	key := patternKey{source, int(bits)}
	switch source.(type) {
	case runtime.Str, runtime.Bytes:
	case *runtime.List, *runtime.Dict, *runtime.Set:
		return nil, runtime.Errorf(runtime.TypeError, "unhashable type: '%s'", source.Class().Name)
	default:
		return nil, runtime.Errorf(runtime.TypeError, "first argument must be string or compiled pattern")
	}
	c.mu.Lock()
	p := c.known[key]
	c.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := newPattern(th, source, int(bits))
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxCached {
		clear(c.known)
	}
	c.known[key] = p
	return p, nil
}

func newPattern(th *thread, source value, flags int) (*pattern, error) {
	text, isBytes := patternText(source)
	if err := checkFlags(flags, isBytes); err != nil {
		return nil, err
	}
	if len(text) > maxPattern {
		return nil, tooLarge().raise(th, source)
	}
	if err := th.AllocMany(len(text), 256); err != nil {
		return nil, err
	}
	if err := th.Work(len(text) << 12); err != nil {
		return nil, err
	}
	t, failed := translate(text, flags, isBytes)
	if failed != nil {
		return nil, failed.raise(th, source)
	}
	prog, failed, err := newProgram(th, t)
	if failed != nil {
		return nil, failed.raise(th, source)
	}
	return &pattern{prog, source}, err
}

func checkFlags(flags int, isBytes bool) error {
	switch {
	case isBytes && flags&flagUnicode != 0:
		return runtime.Errorf(runtime.ValueError, "cannot use UNICODE flag with a bytes pattern")
	case !isBytes && flags&flagASCII != 0 && flags&flagUnicode != 0:
		return runtime.Errorf(runtime.ValueError, "ASCII and UNICODE flags are incompatible")
	}
	return nil
}

// patternText is a pattern as characters.
func patternText(source value) (text string, isBytes bool) {
	if b, ok := source.(runtime.Bytes); ok {
		var out strings.Builder
		for i := range len(b) {
			out.WriteRune(rune(b[i]))
		}
		return out.String(), true
	}
	return string(source.(runtime.Str)), false
}

// checkPattern refuses a literal pattern that RE2 has no form of. Flags that are no
// literal may make the pattern verbose, so both ways of reading it must fail.
func checkPattern(literals []value) (argument int, why string) {
	if len(literals) == 0 {
		return 0, ""
	}
	switch literals[0].(type) {
	case runtime.Str, runtime.Bytes:
	default:
		return 0, ""
	}
	text, isBytes := patternText(literals[0])
	var failed *patternError
	for _, flags := range []int{flagVerbose, 0} {
		var t *translation
		if t, failed = translate(text, flags, isBytes); failed == nil {
			_, failed, _ = newProgram(runtime.NewThread(runtime.Limits{}), t)
		}
		if failed == nil || !failed.unsupported {
			return 0, ""
		}
	}
	if failed.pos >= 0 {
		return 0, fmt.Sprintf("in the pattern at position %d: %s", failed.pos, failed.msg)
	}
	return 0, "in the pattern: " + failed.msg
}

func newRe(Host) *runtime.Module {
	cache := &patternCache{known: map[patternKey]*pattern{}}
	// on makes a function of a pattern, other arguments and flags, which stand last.
	on := func(signature string, f func(p *pattern, th *thread, a []value) (value, error)) *runtime.Native {
		return define(signature, func(th *thread, a args) (value, error) {
			p, err := cache.compile(th, a.Vals[0], a.Vals[len(a.Vals)-1])
			if err != nil {
				return nil, err
			}
			return f(p, th, a.Vals[1:len(a.Vals)-1])
		}).CheckLiterals(checkPattern)
	}
	find := func(kind matchKind) func(p *pattern, th *thread, a []value) (value, error) {
		return func(p *pattern, th *thread, a []value) (value, error) {
			s, err := p.subjectOf(th, a[0])
			if err != nil {
				return nil, err
			}
			return p.match(th, s, kind, nil)
		}
	}
	m := members(
		on("compile(pattern, flags=0)", func(p *pattern, _ *thread, _ []value) (value, error) { return p, nil }),
		on("search(pattern, string, flags=0)", find(searching)),
		on("match(pattern, string, flags=0)", find(matching)),
		on("fullmatch(pattern, string, flags=0)", find(fullMatching)),
		on("findall(pattern, string, flags=0)", (*pattern).findAll),
		on("finditer(pattern, string, flags=0)", (*pattern).findIter),
		on("split(pattern, string, maxsplit=0, flags=0)", (*pattern).split),
		on("sub(pattern, repl, string, count=0, flags=0)", func(p *pattern, th *thread, a []value) (value, error) {
			v, _, err := p.substitute(th, a)
			return v, err
		}),
		on("subn(pattern, repl, string, count=0, flags=0)", func(p *pattern, th *thread, a []value) (value, error) {
			v, n, err := p.substitute(th, a)
			return runtime.NewTuple(v, runtime.NewInt(int64(n))), err
		}),
		define("escape(pattern)", escapePattern),
		define("purge()", func(*thread, args) (value, error) {
			cache.purge()
			return runtime.None, nil
		}),
	)
	m["error"], m["Pattern"], m["Match"], m["RegexFlag"] = reError, patternClass, matchClass, flagClass
	m["NOFLAG"] = flagValue(0)
	for _, f := range flagNames {
		m[f.name], m[f.short] = flagValue(f.bit), flagValue(f.bit)
	}
	return runtime.NewModule("re", m)
}

func escapePattern(th *thread, a args) (value, error) {
	v := runtime.Data(a.Vals[0])
	var text string
	switch v := v.(type) {
	case runtime.Str:
		text = string(v)
	case runtime.Bytes:
		text = string(v)
	default:
		return nil, runtime.Errorf(runtime.TypeError, "decoding to str: need a bytes-like object, %s found", v.Class().Name)
	}
	if err := th.AllocMany(len(text), 2); err != nil {
		return nil, err
	}
	var b strings.Builder
	for i := range len(text) {
		if strings.IndexByte("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", text[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	if _, ok := v.(runtime.Bytes); ok {
		return runtime.Bytes(b.String()), nil
	}
	return runtime.Str(b.String()), nil
}
