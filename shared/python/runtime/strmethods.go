package runtime

import (
	"strings"
	"unicode"
)

func repeatString(th *Thread, s string, n int64) (string, error) {
	if n <= 0 || s == "" {
		return "", nil
	}
	if err := th.AllocMany(int(n), len(s)); err != nil {
		return "", err
	}
	return strings.Repeat(s, int(n)), nil
}

func selfStr(v Value) string {
	s, _ := AsStr(v)
	return s
}

// wantStr reads a string argument; what names it in the error.
func wantStr(what string, v Value) (string, error) {
	s, ok := AsStr(v)
	if !ok {
		name := v.Class().Name
		if v == None {
			name = "None"
		}
		return "", Errorf(TypeError, "%s must be str, not %s", what, name)
	}
	return s, nil
}

func strMembers() Members {
	m := Members{
		"upper": mapped("upper", upper), "lower": mapped("lower", lower),
		"casefold": mapped("casefold", casefold),
		"title":    mapped("title", titleCase), "capitalize": mapped("capitalize", capitalize),
		"swapcase": mapped("swapcase", swapCase),
		"isdigit":  tested("isdigit", isDigit), "isdecimal": tested("isdecimal", unicode.IsDigit),
		"isnumeric": tested("isnumeric", unicode.IsNumber), "isalpha": tested("isalpha", unicode.IsLetter),
		"isalnum": tested("isalnum", func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }),
		"isspace": tested("isspace", unicode.IsSpace),
		"isprintable": NewNative("isprintable(self, /)", func(_ *Thread, a Args) (Value, error) {
			return NewBool(strings.IndexFunc(selfStr(a.Vals[0]), func(r rune) bool { return !printable(r) }) < 0), nil
		}),
		"isascii": NewNative("isascii(self, /)", func(_ *Thread, a Args) (Value, error) {
			return NewBool(isASCII(selfStr(a.Vals[0]))), nil
		}),
		"isupper":      cased("isupper", unicode.IsUpper, unicode.IsLower),
		"islower":      cased("islower", unicode.IsLower, unicode.IsUpper),
		"istitle":      NewNative("istitle(self, /)", func(_ *Thread, a Args) (Value, error) { return NewBool(isTitle(selfStr(a.Vals[0]))), nil }),
		"isidentifier": NewNative("isidentifier(self, /)", func(_ *Thread, a Args) (Value, error) { return NewBool(isIdentifier(selfStr(a.Vals[0]))), nil }),
		"strip":        stripper("strip", true, true), "lstrip": stripper("lstrip", true, false), "rstrip": stripper("rstrip", false, true),
		"split": NewNative("split(self, sep=None, maxsplit=-1)", strSplit), "rsplit": NewNative("rsplit(self, sep=None, maxsplit=-1)", strRSplit),
		"splitlines": NewNative("splitlines(self, keepends=False)", strSplitLines),
		"join":       NewNative("join(self, iterable, /)", strJoin),
		"replace":    NewNative("replace(self, old, new, count=-1, /)", strReplace),
		"startswith": affix("startswith", strings.HasPrefix), "endswith": affix("endswith", strings.HasSuffix),
		"find": finder("find", strings.Index, false), "index": finder("index", strings.Index, true),
		"rfind": finder("rfind", strings.LastIndex, false), "rindex": finder("rindex", strings.LastIndex, true),
		"count": NewNative("count(self, sub, start=None, end=None, /)", strCount),
		"format": NewRaw("format", func(th *Thread, a Args) (Value, error) {
			f := &strFormat{th: th, a: Args{Vals: a.Vals[1:], Names: a.Names}}
			err := f.expand(selfStr(a.Vals[0]), 0)
			return Str(f.b.String()), err
		}),
		"format_map": NewNative("format_map(self, mapping, /)", func(th *Thread, a Args) (Value, error) {
			d := NewDict()
			if err := MergeInto(th, d, a.Vals[1]); err != nil {
				return nil, err
			}
			f := &strFormat{th: th}
			for k, v := range d.All() {
				f.a.Names, f.a.Vals = append(f.a.Names, selfStr(k)), append(f.a.Vals, v)
			}
			err := f.expand(selfStr(a.Vals[0]), 0)
			return Str(f.b.String()), err
		}),
		"ljust": justify("ljust", '<'), "rjust": justify("rjust", '>'), "center": justify("center", '^'),
		"zfill":        NewNative("zfill(self, width, /)", strZfill),
		"partition":    NewNative("partition(self, sep, /)", strPartition),
		"rpartition":   NewNative("rpartition(self, sep, /)", strRPartition),
		"removeprefix": trimmer("removeprefix", strings.TrimPrefix), "removesuffix": trimmer("removesuffix", strings.TrimSuffix),
		"encode": NewNative("encode(self, encoding='utf-8', errors='strict')", func(th *Thread, a Args) (Value, error) {
			return encode(th, selfStr(a.Vals[0]), a.Vals[1], a.Vals[2])
		}),
		"expandtabs": NewNative("expandtabs(self, tabsize=8)", strExpandTabs),
		"translate":  NewNative("translate(self, table, /)", strTranslate),
		"maketrans":  &StaticMethod{NewNative("maketrans(x, y=, z=, /)", strMakeTrans)},
	}
	for _, v := range m {
		if n, ok := v.(*Native); ok {
			n.fn = working(n.fn)
		}
	}
	return m
}

// working pays for the length of the text that a method goes through.
func working(fn NativeFunc) NativeFunc {
	return func(th *Thread, a Args) (Value, error) {
		if len(a.Vals) > 0 {
			if err := th.work(len(selfStr(a.Vals[0]))); err != nil {
				return nil, err
			}
		}
		return fn(th, a)
	}
}

func stripper(name string, left, right bool) *Native {
	return NewNative(name+"(self, chars=None, /)", func(th *Thread, a Args) (Value, error) {
		s, drop := selfStr(a.Vals[0]), unicode.IsSpace
		if a.Vals[1] != None {
			cut, ok := AsStr(a.Vals[1])
			if !ok {
				return nil, Errorf(TypeError, "%s arg must be None or str", name)
			}
			if err := chargeCut(th, len(s), len(cut)); err != nil {
				return nil, err
			}
			drop = dropper(cut)
		}
		if left {
			s = strings.TrimLeftFunc(s, drop)
		}
		if right {
			s = strings.TrimRightFunc(s, drop)
		}
		return Str(s), nil
	})
}

// fewCut is the length of a cut that is gone through for each character. More make a set:
// text of both lengths would take their product.
const fewCut = 8

// chargeCut pays for stripping cut bytes off text: a step for 32 bytes of the text, and with a
// set for two characters of it and for four bytes of the text.
func chargeCut(th *Thread, text, cut int) error {
	if cut <= fewCut {
		return th.work(text << 5)
	}
	if err := th.AllocMany(cut, 16); err != nil {
		return err
	}
	return th.work(cut<<9 + text<<8)
}

// dropper tells the characters of cut.
func dropper(cut string) func(rune) bool {
	if len(cut) <= fewCut {
		return func(r rune) bool { return strings.ContainsRune(cut, r) }
	}
	set := map[rune]bool{}
	for _, r := range cut {
		set[r] = true
	}
	return func(r rune) bool { return set[r] }
}

func trimmer(name string, trim func(s, part string) string) *Native {
	return NewNative(name+"(self, part, /)", func(_ *Thread, a Args) (Value, error) {
		p, err := wantStr(name+"() argument", a.Vals[1])
		return Str(trim(selfStr(a.Vals[0]), p)), err
	})
}
