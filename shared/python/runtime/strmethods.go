package runtime

import (
	"strings"
	"unicode"
	"unicode/utf8"
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

func strMembers() Members {
	m := Members{
		"upper": mapped("upper", strings.ToUpper), "lower": mapped("lower", strings.ToLower),
		"casefold": mapped("casefold", func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "ß", "ss")) }),
		"title":    mapped("title", titleCase), "capitalize": mapped("capitalize", capitalize),
		"swapcase": mapped("swapcase", swapCase),
		"isdigit":  tested("isdigit", unicode.IsDigit), "isdecimal": tested("isdecimal", unicode.IsDigit),
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
	return m
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

func stripper(name string, left, right bool) *Native {
	return NewNative(name+"(self, chars=None, /)", func(_ *Thread, a Args) (Value, error) {
		s, drop := selfStr(a.Vals[0]), unicode.IsSpace
		if a.Vals[1] != None {
			cut, ok := AsStr(a.Vals[1])
			if !ok {
				return nil, Errorf(TypeError, "%s arg must be None or str", name)
			}
			drop = func(r rune) bool { return strings.ContainsRune(cut, r) }
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

// parts makes a list of strings.
func parts(th *Thread, ss []string) (Value, error) {
	if err := th.AllocMany(len(ss), 32); err != nil {
		return nil, err
	}
	vs := make([]Value, len(ss))
	for i, s := range ss {
		vs[i] = Str(s)
	}
	return NewList(vs...), nil
}

// separator reads split's arguments; sep is "" for white space.
func separator(a Args) (sep string, most int, err error) {
	if a.Vals[1] != None {
		if sep, err = wantStr("sep", a.Vals[1]); err != nil {
			return "", 0, Errorf(TypeError, "must be str or None, not %s", a.Vals[1].Class().Name)
		}
		if sep == "" {
			return "", 0, Errorf(ValueError, "empty separator")
		}
	}
	n, err := Index(a.Vals[2])
	return sep, int(n), err
}

func strSplit(th *Thread, a Args) (Value, error) {
	sep, most, err := separator(a)
	if err != nil {
		return nil, err
	}
	s := selfStr(a.Vals[0])
	if sep != "" {
		if err := th.AllocMany(strings.Count(s, sep)+1, 16); err != nil {
			return nil, err
		}
		if most < 0 {
			return parts(th, strings.Split(s, sep))
		}
		return parts(th, strings.SplitN(s, sep, most+1))
	}
	if err := th.AllocMany(len(s), 8); err != nil {
		return nil, err
	}
	if most < 0 {
		return parts(th, strings.Fields(s))
	}
	var out []string
	for s = strings.TrimLeftFunc(s, unicode.IsSpace); s != ""; s = strings.TrimLeftFunc(s, unicode.IsSpace) {
		i := strings.IndexFunc(s, unicode.IsSpace)
		if i < 0 || len(out) == most {
			out = append(out, s)
			break
		}
		out, s = append(out, s[:i]), s[i:]
	}
	return parts(th, out)
}

func strRSplit(th *Thread, a Args) (Value, error) {
	sep, most, err := separator(a)
	if err != nil {
		return nil, err
	}
	if most < 0 {
		return strSplit(th, a)
	}
	s := selfStr(a.Vals[0])
	if err := th.AllocMany(len(s), 8); err != nil {
		return nil, err
	}
	var out []string
	for len(out) < most {
		if sep == "" {
			s = strings.TrimRightFunc(s, unicode.IsSpace)
		}
		i, n := strings.LastIndex(s, sep), len(sep)
		if sep == "" {
			if i = strings.LastIndexFunc(s, unicode.IsSpace); i >= 0 {
				n = runeLen(s[i:])
			}
		}
		if i < 0 {
			break
		}
		out, s = append(out, s[i+n:]), s[:i]
	}
	if sep == "" {
		s = strings.TrimRightFunc(s, unicode.IsSpace)
	}
	if sep != "" || strings.TrimSpace(s) != "" {
		out = append(out, s)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return parts(th, out)
}

func strSplitLines(th *Thread, a Args) (Value, error) {
	s := selfStr(a.Vals[0])
	keep, err := Truth(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	if err := th.Alloc(len(s)); err != nil {
		return nil, err
	}
	var out []string
	for s != "" {
		i := strings.IndexAny(s, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029")
		if i < 0 {
			out = append(out, s)
			break
		}
		end := i + runeLen(s[i:])
		if s[i] == '\r' && end < len(s) && s[end] == '\n' {
			end++
		}
		if keep {
			out = append(out, s[:end])
		} else {
			out = append(out, s[:i])
		}
		s = s[end:]
	}
	return parts(th, out)
}

func strJoin(th *Thread, a Args) (Value, error) {
	sep := selfStr(a.Vals[0])
	var items []Value
	switch v := a.Vals[1].(type) {
	case *List:
		items = v.Items()
	case *Tuple:
		items = v.Items
	default:
		var err error
		if items, err = Collect(th, v); err != nil {
			if e := asException(err); e.IsA(TypeError) && len(e.trace) == 0 {
				return nil, Errorf(TypeError, "can only join an iterable")
			}
			return nil, err
		}
	}
	size := len(sep) * max(0, len(items)-1)
	for i, v := range items {
		s, ok := AsStr(v)
		if !ok {
			return nil, Errorf(TypeError, "sequence item %d: expected str instance, %s found", i, v.Class().Name)
		}
		size += len(s)
	}
	if err := th.Alloc(size); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.Grow(size)
	for i, v := range items {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(selfStr(v))
	}
	return Str(b.String()), nil
}

func strReplace(th *Thread, a Args) (Value, error) {
	s := selfStr(a.Vals[0])
	from, err := wantStr("replace() argument 1", a.Vals[1])
	if err != nil {
		return nil, err
	}
	to, err := wantStr("replace() argument 2", a.Vals[2])
	if err != nil {
		return nil, err
	}
	n, err := Index(a.Vals[3])
	if err != nil {
		return nil, err
	}
	hits := strings.Count(s, from)
	if n >= 0 {
		hits = min(hits, int(n))
	}
	if err := th.AllocMany(hits, len(to)); err != nil {
		return nil, err
	}
	if err := th.Alloc(len(s)); err != nil {
		return nil, err
	}
	return Str(strings.Replace(s, from, to, hits)), nil
}

// window cuts s to the characters from start to end, and tells where it begins.
func window(s string, start, end Value) (part string, offset int, ok bool, err error) {
	if start == None && end == None {
		return s, 0, true, nil
	}
	n := utf8.RuneCountInString(s)
	sl := &Slice{start, end, None}
	lo, _, count, err := sl.bounds(n)
	if err != nil {
		return "", 0, false, err
	}
	if i, isInt := AsInt(start); isInt && i > int64(n) {
		return "", 0, false, nil
	}
	from := runeOffset(s, lo)
	return s[from : from+runeOffset(s[from:], count)], lo, true, nil
}

// runeOffset is the byte offset of character n.
func runeOffset(s string, n int) int {
	if isASCII(s) {
		return min(n, len(s))
	}
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

func affix(name string, has func(s, part string) bool) *Native {
	return NewNative(name+"(self, prefix, start=None, end=None, /)", func(_ *Thread, a Args) (Value, error) {
		s, _, ok, err := window(selfStr(a.Vals[0]), a.Vals[2], a.Vals[3])
		if err != nil {
			return nil, err
		}
		if t, isTuple := a.Vals[1].(*Tuple); isTuple {
			for _, v := range t.Items {
				p, isStr := AsStr(v)
				if !isStr {
					return nil, Errorf(TypeError, "tuple for %s must only contain str, not %s", name, v.Class().Name)
				}
				if ok && has(s, p) {
					return True, nil
				}
			}
			return False, nil
		}
		p, isStr := AsStr(a.Vals[1])
		if !isStr {
			return nil, Errorf(TypeError, "%s first arg must be str or a tuple of str, not %s", name, a.Vals[1].Class().Name)
		}
		return NewBool(ok && has(s, p)), nil
	})
}

func finder(name string, index func(s, sub string) int, strict bool) *Native {
	return NewNative(name+"(self, sub, start=None, end=None, /)", func(_ *Thread, a Args) (Value, error) {
		sub, err := wantStr("must be str, not", a.Vals[1])
		if err != nil {
			return nil, Errorf(TypeError, "must be str, not %s", a.Vals[1].Class().Name)
		}
		s, offset, ok, err := window(selfStr(a.Vals[0]), a.Vals[2], a.Vals[3])
		if err != nil {
			return nil, err
		}
		if i := index(s, sub); ok && i >= 0 {
			return NewInt(int64(offset + utf8.RuneCountInString(s[:i]))), nil
		}
		if strict {
			return nil, Errorf(ValueError, "substring not found")
		}
		return NewInt(-1), nil
	})
}

func strCount(_ *Thread, a Args) (Value, error) {
	sub, ok := AsStr(a.Vals[1])
	if !ok {
		return nil, Errorf(TypeError, "must be str, not %s", a.Vals[1].Class().Name)
	}
	s, _, ok, err := window(selfStr(a.Vals[0]), a.Vals[2], a.Vals[3])
	if err != nil || !ok {
		return NewInt(0), err
	}
	return NewInt(int64(strings.Count(s, sub))), nil
}

func justify(name string, align byte) *Native {
	return NewNative(name+"(self, width, fillchar=' ', /)", func(th *Thread, a Args) (Value, error) {
		n, err := Index(a.Vals[1])
		if err != nil {
			return nil, err
		}
		fill, ok := AsStr(a.Vals[2])
		if !ok {
			return nil, Errorf(TypeError, "The fill character must be a unicode character, not %s", a.Vals[2].Class().Name)
		}
		if utf8.RuneCountInString(fill) != 1 {
			return nil, Errorf(TypeError, "The fill character must be exactly one character long")
		}
		r, _ := utf8.DecodeRuneInString(fill)
		text := selfStr(a.Vals[0])
		if align == '^' { // CPython puts the odd fill character left of an odd width
			return center(th, text, int(min(n, maxWidth)), r)
		}
		s, err := pad(th, "", text, formatSpec{fill: r, align: align, width: int(max(0, min(n, maxWidth)))}, align)
		return Str(s), err
	})
}

func center(th *Thread, s string, width int, fill rune) (Value, error) {
	n := width - utf8.RuneCountInString(s)
	if n <= 0 {
		return Str(s), nil
	}
	if err := th.AllocMany(n, utf8.RuneLen(fill)); err != nil {
		return nil, err
	}
	left := n/2 + n&width&1
	f := string(fill)
	return Str(strings.Repeat(f, left) + s + strings.Repeat(f, n-left)), nil
}

func strZfill(th *Thread, a Args) (Value, error) {
	n, err := Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	s, sign := selfStr(a.Vals[0]), ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	out, err := pad(th, sign, s, formatSpec{fill: '0', align: '=', width: int(max(0, min(n, maxWidth)))}, '=')
	return Str(out), err
}

func strPartition(_ *Thread, a Args) (Value, error) {
	s := selfStr(a.Vals[0])
	sep, err := partSeparator(a.Vals[1])
	if err != nil {
		return nil, err
	}
	if before, after, ok := strings.Cut(s, sep); ok {
		return NewTuple(Str(before), Str(sep), Str(after)), nil
	}
	return NewTuple(Str(s), Str(""), Str("")), nil
}

func strRPartition(_ *Thread, a Args) (Value, error) {
	s := selfStr(a.Vals[0])
	sep, err := partSeparator(a.Vals[1])
	if err != nil {
		return nil, err
	}
	if i := strings.LastIndex(s, sep); i >= 0 {
		return NewTuple(Str(s[:i]), Str(sep), Str(s[i+len(sep):])), nil
	}
	return NewTuple(Str(""), Str(""), Str(s)), nil
}

func partSeparator(v Value) (string, error) {
	sep, ok := AsStr(v)
	if !ok {
		return "", Errorf(TypeError, "must be str, not %s", v.Class().Name)
	}
	if sep == "" {
		return "", Errorf(ValueError, "empty separator")
	}
	return sep, nil
}

func trimmer(name string, trim func(s, part string) string) *Native {
	return NewNative(name+"(self, part, /)", func(_ *Thread, a Args) (Value, error) {
		p, err := wantStr(name+"() argument", a.Vals[1])
		return Str(trim(selfStr(a.Vals[0]), p)), err
	})
}

func strExpandTabs(th *Thread, a Args) (Value, error) {
	n, err := Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	s := selfStr(a.Vals[0])
	if err := th.AllocMany(strings.Count(s, "\t"), int(max(0, min(n, maxWidth)))); err != nil {
		return nil, err
	}
	var b strings.Builder
	col := int64(0)
	for _, r := range s {
		switch {
		case r == '\t' && n > 0:
			fill := n - col%n
			b.WriteString(strings.Repeat(" ", int(fill)))
			col += fill
		case r == '\t':
		default:
			b.WriteRune(r)
			if col++; r == '\n' || r == '\r' {
				col = 0
			}
		}
	}
	return Str(b.String()), nil
}

func strTranslate(th *Thread, a Args) (Value, error) {
	var b strings.Builder
	for _, r := range selfStr(a.Vals[0]) {
		v, err := GetItem(th, a.Vals[1], NewInt(int64(r)))
		if err != nil {
			if !asException(err).IsA(LookupError) {
				return nil, err
			}
			v = Str(r)
		}
		if n, ok := AsInt(v); ok {
			v = Str(rune(n))
		}
		if v == None {
			continue
		}
		s, ok := AsStr(v)
		if !ok {
			return nil, Errorf(TypeError, "character mapping must return integer, None or str")
		}
		if err := th.Alloc(len(s)); err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return Str(b.String()), nil
}

func strMakeTrans(th *Thread, a Args) (Value, error) {
	d := NewDict()
	if a.Vals[1] == nil {
		src, ok := native(a.Vals[0]).(*Dict)
		if !ok {
			return nil, Errorf(TypeError, "if you give only one argument to maketrans it must be a dict")
		}
		for k, v := range src.All() {
			if s, ok := AsStr(k); ok {
				if utf8.RuneCountInString(s) != 1 {
					return nil, Errorf(ValueError, "string keys in translate table must be of length 1")
				}
				r, _ := utf8.DecodeRuneInString(s)
				k = NewInt(int64(r))
			}
			if err := d.Set(th, k, v); err != nil {
				return nil, err
			}
		}
		return d, nil
	}
	x, y := []rune(selfStr(a.Vals[0])), []rune(selfStr(a.Vals[1]))
	if len(x) != len(y) {
		return nil, Errorf(ValueError, "the first two maketrans arguments must have equal length")
	}
	for i, r := range x {
		if err := d.Set(th, NewInt(int64(r)), NewInt(int64(y[i]))); err != nil {
			return nil, err
		}
	}
	if a.Vals[2] != nil {
		for _, r := range selfStr(a.Vals[2]) {
			if err := d.Set(th, NewInt(int64(r)), None); err != nil {
				return nil, err
			}
		}
	}
	return d, nil
}
