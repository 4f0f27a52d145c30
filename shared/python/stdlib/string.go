package stdlib

import (
	"maps"
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
	m := members(define("capwords(s, sep=None)", capWords))
	for name, text := range map[string]string{
		"ascii_lowercase": lower, "ascii_uppercase": upper, "ascii_letters": lower + upper, "digits": digits,
		"hexdigits": hexDigits, "octdigits": "01234567", "punctuation": punctuated, "whitespace": whitespace,
		"printable": digits + lower + upper + punctuated + whitespace,
	} {
		m[name] = runtime.Str(text)
	}
	m["Template"] = templateClass
	return runtime.NewModule("string", m)
}

func capWords(th *thread, a args) (value, error) {
	s, ok := runtime.AsStr(a.Vals[0])
	if !ok {
		return nil, noMethod(a.Vals[0], "split")
	}
	if err := th.AllocMany(len(s), 4); err != nil {
		return nil, err
	}
	words, err := runtime.CallAttr(th, runtime.Str(s), "split", a.Vals[1])
	if err != nil {
		return nil, err
	}
	sep, _ := runtime.AsStr(orElse(a.Vals[1], " "))
	if sep == "" {
		sep = " "
	}
	var out []string
	err = runtime.Iterate(th, words, func(w value) error {
		text, err := runtime.CallAttr(th, w, "capitalize")
		if err != nil {
			return err
		}
		part, _ := runtime.AsStr(text)
		out = append(out, part)
		return th.Alloc(len(part) + len(sep) + 16)
	})
	return runtime.Str(strings.Join(out, sep)), err
}

// templateClass is string.Template with its usual syntax; scripts may inherit from it.
var templateClass = runtime.NewFrozenClass("string", "Template", nil, templateMembers())

func templateMembers() runtime.Members {
	m := members(
		define("__init__(self, template)", func(th *thread, a args) (value, error) {
			return runtime.None, runtime.SetAttr(th, a.Vals[0], "template", a.Vals[1])
		}),
		define("get_identifiers(self)", func(th *thread, a args) (value, error) {
			text, err := templateText(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			names, seen := runtime.NewList(), map[string]bool{}
			for at := 0; ; {
				p, ok := nextPlaceholder(text, at)
				if !ok {
					return names, nil
				}
				if err := th.Step(); err != nil {
					return nil, err
				}
				if at = p.end; p.name != "" && !seen[p.name] {
					seen[p.name] = true
					if err := names.Push(th, runtime.Str(p.name)); err != nil {
						return nil, err
					}
				}
			}
		}),
		define("is_valid(self)", func(th *thread, a args) (value, error) {
			text, err := templateText(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			for at := 0; ; {
				p, ok := nextPlaceholder(text, at)
				if !ok || p.bad {
					return runtime.NewBool(!ok), nil
				}
				if err := th.Step(); err != nil {
					return nil, err
				}
				at = p.end
			}
		}),
		runtime.NewRaw("substitute", func(th *thread, a args) (value, error) { return fillTemplate(th, "substitute", a, false) }),
		runtime.NewRaw("safe_substitute", func(th *thread, a args) (value, error) { return fillTemplate(th, "safe_substitute", a, true) }),
	)
	maps.Copy(m, runtime.Members{"delimiter": runtime.Str("$")})
	return m
}

func templateText(th *thread, self value) (string, error) {
	v, err := runtime.GetAttr(th, self, "template")
	if err != nil {
		return "", err
	}
	s, ok := runtime.AsStr(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "expected string or bytes-like object, got '%s'", v.Class().Name)
	}
	return s, nil
}

// fillTemplate takes a mapping, keywords, or both: then the keywords go first.
func fillTemplate(th *thread, name string, a args, safe bool) (value, error) {
	if a.NPos() > 2 {
		return nil, runtime.Errorf(runtime.TypeError, "Template.%s() takes from 1 to 2 positional arguments but %d were given", name, a.NPos())
	}
	text, err := templateText(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	var from value = a.KwDict()
	if a.NPos() == 2 && len(a.Names) == 0 {
		from = a.Vals[1]
	} else if a.NPos() == 2 {
		all := runtime.NewDict()
		for _, m := range []value{a.Vals[1], from} {
			if err := runtime.MergeInto(th, all, m); err != nil {
				return nil, err
			}
		}
		from = all
	}
	s, err := substitute(th, text, from, safe)
	return runtime.Str(s), err
}

// placeholder is one `$…` of a template.
type placeholder struct {
	start, end int
	name       string // "" for $$ and for a bad one
	bad        bool
}

func nextPlaceholder(text string, from int) (placeholder, bool) {
	i := strings.IndexByte(text[from:], '$')
	if i < 0 {
		return placeholder{}, false
	}
	i += from
	p := placeholder{start: i, end: i + 1}
	rest := text[i+1:]
	if strings.HasPrefix(rest, "$") {
		p.end = i + 2
		return p, true
	}
	braced := strings.HasPrefix(rest, "{")
	if braced {
		rest = rest[1:]
	}
	n := 0
	for n < len(rest) && (rest[n] == '_' || strings.IndexByte(lower+upper, rest[n]) >= 0 || n > 0 && rest[n] >= '0' && rest[n] <= '9') {
		n++
	}
	switch {
	case n == 0 || braced && (n == len(rest) || rest[n] != '}'):
		p.bad = true
	case braced:
		p.name, p.end = rest[:n], i+n+3
	default:
		p.name, p.end = rest[:n], i+n+1
	}
	return p, true
}

// substitute fills a template from a mapping; a safe one keeps what it cannot fill.
func substitute(th *thread, text string, from value, safe bool) (string, error) {
	var b strings.Builder
	write := func(s string) error {
		b.WriteString(s)
		return th.Alloc(len(s))
	}
	at := 0
	for {
		p, ok := nextPlaceholder(text, at)
		if !ok {
			return b.String() + text[at:], th.Alloc(len(text))
		}
		if err := th.Step(); err != nil {
			return "", err
		}
		if err := write(text[at:p.start]); err != nil {
			return "", err
		}
		at = p.end
		s := text[p.start:p.end]
		switch {
		case p.bad && !safe:
			before := text[:p.start]
			return "", runtime.Errorf(runtime.ValueError, "Invalid placeholder in string: line %d, col %d",
				strings.Count(before, "\n")+1, len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))+1)
		case p.name != "":
			v, err := runtime.GetItem(th, from, runtime.Str(p.name))
			if err == nil {
				s, err = runtime.ToStr(th, v)
			} else if e := runtime.AsException(err); safe && e.IsA(runtime.KeyError) {
				err = nil
			}
			if err != nil {
				return "", err
			}
		case !p.bad:
			s = "$"
		}
		if err := write(s); err != nil {
			return "", err
		}
	}
}
