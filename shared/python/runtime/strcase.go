package runtime

import (
	"strings"
	"unicode"
)

// mapped makes a method without arguments from a function of the text.
func mapped(name string, f func(string) string) *Native {
	return NewNative(name+"(self, /)", func(th *Thread, a Args) (Value, error) {
		s := selfStr(a.Vals[0])
		if err := th.Alloc(len(s)); err != nil {
			return nil, err
		}
		return Str(f(s)), nil
	})
}

// tested makes a method that tells whether all characters pass; empty text fails.
func tested(name string, ok func(rune) bool) *Native {
	return NewNative(name+"(self, /)", func(_ *Thread, a Args) (Value, error) {
		s := selfStr(a.Vals[0])
		return NewBool(s != "" && strings.IndexFunc(s, func(r rune) bool { return !ok(r) }) < 0), nil
	})
}

func cased(name string, want, other func(rune) bool) *Native {
	return NewNative(name+"(self, /)", func(_ *Thread, a Args) (Value, error) {
		s := selfStr(a.Vals[0])
		return NewBool(strings.IndexFunc(s, want) >= 0 && strings.IndexFunc(s, other) < 0), nil
	})
}

func titleCase(s string) string {
	inWord := false
	return strings.Map(func(r rune) rune {
		was := inWord
		inWord = unicode.IsLetter(r)
		if was {
			return unicode.ToLower(r)
		}
		return unicode.ToTitle(r)
	}, s)
}

func isTitle(s string) bool {
	return titleCase(s) == s && strings.IndexFunc(s, unicode.IsLetter) >= 0
}

func isIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

func capitalize(s string) string {
	if s == "" {
		return ""
	}
	n := runeLen(s)
	return strings.ToUpper(s[:n]) + strings.ToLower(s[n:])
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}
