package runtime

import (
	"encoding/hex"
	"strings"
)

// bytesMethod makes a method that pays for looking at all bytes, and for a copy.
func bytesMethod(signature string, call func(th *Thread, s string, a []Value) (Value, error)) *Native {
	return NewNative(signature, func(th *Thread, a Args) (Value, error) {
		s := selfBytes(a.Vals[0])
		if err := th.work(len(s)); err != nil {
			return nil, err
		}
		return call(th, s, a.Vals[1:])
	})
}

// mapBytes makes a method that changes each byte for itself.
func mapBytes(name string, change func(before, c byte) byte) *Native {
	return bytesMethod(name+"(self, /)", func(th *Thread, s string, _ []Value) (Value, error) {
		if err := th.Alloc(len(s)); err != nil {
			return nil, err
		}
		out := make([]byte, len(s))
		before := byte(0)
		for i := range len(s) {
			out[i] = change(before, s[i])
			before = s[i]
		}
		return Bytes(out), nil
	})
}

func isUpper(c byte) bool     { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool     { return 'a' <= c && c <= 'z' }
func isLetter(c byte) bool    { return isUpper(c) || isLower(c) }
func isDigitByte(c byte) bool { return '0' <= c && c <= '9' }
func isBlank(c byte) bool     { return c == ' ' || '\t' <= c && c <= '\r' }

func upperByte(c byte) byte {
	if isLower(c) {
		c -= 'a' - 'A'
	}
	return c
}

func lowerByte(c byte) byte {
	if isUpper(c) {
		c += 'a' - 'A'
	}
	return c
}

// allBytes makes a method that asks whether there are bytes and all are of a kind.
func allBytes(name string, is func(c byte) bool) *Native {
	return bytesMethod(name+"(self, /)", func(_ *Thread, s string, _ []Value) (Value, error) {
		for i := range len(s) {
			if !is(s[i]) {
				return False, nil
			}
		}
		return NewBool(s != ""), nil
	})
}

// casedBytes makes islower and isupper: letters there are, and none of the other case.
func casedBytes(name string, wrong, right func(c byte) bool) *Native {
	return bytesMethod(name+"(self, /)", func(_ *Thread, s string, _ []Value) (Value, error) {
		found := false
		for i := range len(s) {
			if wrong(s[i]) {
				return False, nil
			}
			found = found || right(s[i])
		}
		return NewBool(found), nil
	})
}

// findBytes makes a search within [start:end].
func findBytes(name string, index func(s, sub string) int, must bool) *Native {
	return bytesMethod(name+"(self, sub, start=None, end=None, /)", func(_ *Thread, s string, a []Value) (Value, error) {
		var sub string
		if n, ok := native(a[0]).(Int); ok {
			if n < 0 || n > 255 {
				return nil, Errorf(ValueError, "byte must be in range(0, 256)")
			}
			sub = string([]byte{byte(n)})
		} else if b, ok := native(a[0]).(Bytes); ok {
			sub = string(b)
		} else {
			return nil, Errorf(TypeError, "argument should be integer or bytes-like object, not '%s'", a[0].Class().Name)
		}
		lo, hi, err := byteRange(len(s), a[1], a[2])
		if err != nil {
			return nil, err
		}
		at := -1
		if lo <= hi {
			at = index(s[lo:hi], sub)
			if at >= 0 && name != "count" {
				at += lo
			}
		} else if name == "count" {
			at = 0
		}
		if at < 0 && must {
			return nil, Errorf(ValueError, "subsection not found")
		}
		return NewInt(int64(at)), nil
	})
}

// byteRange reads optional bounds; lo may be beyond hi.
func byteRange(n int, start, end Value) (lo, hi int, err error) {
	bound := func(v Value, absent int) int {
		if v == None || err != nil {
			return absent
		}
		var i int64
		if i, err = Index(v); err != nil {
			return absent
		}
		if i < 0 {
			i = max(i+int64(n), 0)
		}
		return int(min(i, int64(n)+1))
	}
	lo, hi = bound(start, 0), min(bound(end, n), n)
	return lo, hi, err
}

func edgeBytes(name string, test func(s, part string) bool) *Native {
	return bytesMethod(name+"(self, part, start=None, end=None, /)", func(_ *Thread, s string, a []Value) (Value, error) {
		lo, hi, err := byteRange(len(s), a[1], a[2])
		if err != nil {
			return nil, err
		}
		parts := []Value{a[0]}
		if t, ok := native(a[0]).(*Tuple); ok {
			parts = t.Items
		}
		for _, p := range parts {
			b, ok := native(p).(Bytes)
			if !ok {
				return nil, Errorf(TypeError, "%s first arg must be bytes or a tuple of bytes, not %s", name, a[0].Class().Name)
			}
			if lo <= hi && test(s[lo:hi], string(b)) {
				return True, nil
			}
		}
		return False, nil
	})
}

// trimBytes makes strip and its kind; sides are those to look at.
func trimBytes(name string, left, right bool) *Native {
	return bytesMethod(name+"(self, chars=None, /)", func(th *Thread, s string, a []Value) (Value, error) {
		in := isBlank
		if a[0] != None {
			set, err := wantBytes(a[0])
			if err != nil {
				return nil, err
			}
			if err := th.work(len(set)); err != nil {
				return nil, err
			}
			var member [256]bool
			for i := range len(set) {
				member[set[i]] = true
			}
			in = func(c byte) bool { return member[c] }
		}
		for left && s != "" && in(s[0]) {
			s = s[1:]
		}
		for right && s != "" && in(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		return Bytes(s), nil
	})
}

// padBytes makes center and its kind; share tells how much of the padding stands left.
func padBytes(name string, share func(pad, width int) int) *Native {
	return bytesMethod(name+"(self, width, fillchar=None, /)", func(th *Thread, s string, a []Value) (Value, error) {
		width, err := Index(a[0])
		if err != nil {
			return nil, err
		}
		fill := " "
		if a[1] != None {
			b, ok := native(a[1]).(Bytes)
			if !ok || len(b) != 1 {
				return nil, Errorf(TypeError, "%s() argument 2 must be a byte string of length 1, not %s", name, a[1].Class().Name)
			}
			fill = string(b)
		}
		if width <= int64(len(s)) {
			return Bytes(s), nil
		}
		pad := width - int64(len(s))
		if err := th.AllocMany(int(width), 1); err != nil {
			return nil, err
		}
		left := share(int(pad), int(width))
		return Bytes(strings.Repeat(fill, left) + s + strings.Repeat(fill, int(pad)-left)), nil
	})
}

// splitBytes makes split and rsplit.
func splitBytes(name string, fromRight bool) *Native {
	return bytesMethod(name+"(self, sep=None, maxsplit=-1)", func(th *Thread, s string, a []Value) (Value, error) {
		most, err := Index(a[1])
		if err != nil {
			return nil, err
		}
		sep := ""
		if a[0] != None {
			if sep, err = wantBytes(a[0]); err != nil {
				return nil, err
			}
			if sep == "" {
				return nil, Errorf(ValueError, "empty separator")
			}
		}
		if err := th.AllocMany(len(s)/(len(sep)+1)+1, 32); err != nil {
			return nil, err
		}
		var parts []string
		if fromRight {
			parts = rsplitBytes(s, sep, most)
		} else {
			parts = lsplitBytes(s, sep, most)
		}
		out := make([]Value, len(parts))
		for i, p := range parts {
			out[i] = Bytes(p)
		}
		return NewList(out...), nil
	})
}

func lsplitBytes(s, sep string, most int64) (parts []string) {
	if sep != "" {
		n := -1
		if most >= 0 && most < int64(len(s)) {
			n = int(most) + 1
		}
		return strings.SplitN(s, sep, n)
	}
	for {
		for s != "" && isBlank(s[0]) {
			s = s[1:]
		}
		if s == "" {
			return parts
		}
		if most >= 0 && int64(len(parts)) >= most {
			return append(parts, s)
		}
		end := 0
		for end < len(s) && !isBlank(s[end]) {
			end++
		}
		parts, s = append(parts, s[:end]), s[end:]
	}
}

// rsplitBytes cuts from the right, then puts the parts in order.
func rsplitBytes(s, sep string, most int64) (parts []string) {
	for most < 0 || int64(len(parts)) < most {
		if sep == "" {
			for s != "" && isBlank(s[len(s)-1]) {
				s = s[:len(s)-1]
			}
			start := len(s)
			for start > 0 && !isBlank(s[start-1]) {
				start--
			}
			if start == len(s) {
				break
			}
			parts, s = append(parts, s[start:]), s[:start]
			continue
		}
		at := strings.LastIndex(s, sep)
		if at < 0 {
			break
		}
		parts, s = append(parts, s[at+len(sep):]), s[:at]
	}
	if sep == "" {
		for s != "" && isBlank(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
	}
	if sep != "" || s != "" {
		parts = append(parts, s)
	}
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return parts
}

func partitionBytes(name string, index func(s, sep string) int, found int) *Native {
	return bytesMethod(name+"(self, sep, /)", func(_ *Thread, s string, a []Value) (Value, error) {
		sep, err := wantBytes(a[0])
		if err != nil {
			return nil, err
		}
		if sep == "" {
			return nil, Errorf(ValueError, "empty separator")
		}
		out := []Value{Bytes(""), Bytes(""), Bytes("")}
		out[found] = Bytes(s)
		if at := index(s, sep); at >= 0 {
			out = []Value{Bytes(s[:at]), Bytes(sep), Bytes(s[at+len(sep):])}
		}
		return NewTuple(out...), nil
	})
}

func cutBytes(name string, cut func(s, part string) string) *Native {
	return bytesMethod(name+"(self, part, /)", func(_ *Thread, s string, a []Value) (Value, error) {
		part, err := wantBytes(a[0])
		return Bytes(cut(s, part)), err
	})
}

func replaceBytes(th *Thread, s string, a []Value) (Value, error) {
	from, err := wantBytes(a[0])
	if err != nil {
		return nil, err
	}
	to, err := wantBytes(a[1])
	if err != nil {
		return nil, err
	}
	most, err := Index(a[2])
	if err != nil {
		return nil, err
	}
	n := strings.Count(s, from)
	if from == "" {
		n = len(s) + 1
	}
	if most >= 0 && most < int64(n) {
		n = int(most)
	}
	if err := th.AllocMany(n, len(to)); err != nil {
		return nil, err
	}
	if err := th.Alloc(len(s)); err != nil {
		return nil, err
	}
	if from != "" {
		return Bytes(strings.Replace(s, from, to, n)), nil
	}
	var out strings.Builder // between bytes, not characters
	for i := range len(s) {
		if i < n {
			out.WriteString(to)
		}
		out.WriteByte(s[i])
	}
	if n > len(s) {
		out.WriteString(to)
	}
	return Bytes(out.String()), nil
}

func hexBytes(th *Thread, s string, a []Value) (Value, error) {
	if err := th.AllocMany(len(s), 3); err != nil {
		return nil, err
	}
	text := hex.EncodeToString([]byte(s))
	if a[0] == nil {
		return Str(text), nil
	}
	sep, ok := AsStr(a[0])
	if !ok || len(sep) != 1 {
		return nil, Errorf(ValueError, "sep must be length 1.")
	}
	var out strings.Builder
	for i := 0; i < len(text); i += 2 {
		if i > 0 {
			out.WriteString(sep)
		}
		out.WriteString(text[i : i+2])
	}
	return Str(out.String()), nil
}

func zfillBytes(th *Thread, s string, a []Value) (Value, error) {
	width, err := Index(a[0])
	if err != nil || width <= int64(len(s)) {
		return Bytes(s), err
	}
	if err := th.AllocMany(int(width), 1); err != nil {
		return nil, err
	}
	sign := ""
	if s != "" && (s[0] == '+' || s[0] == '-') {
		sign, s = s[:1], s[1:]
	}
	return Bytes(sign + strings.Repeat("0", int(width)-len(s)-len(sign)) + s), nil
}

func splitLinesBytes(th *Thread, s string, a []Value) (Value, error) {
	keep, err := Truth(th, a[0])
	if err != nil {
		return nil, err
	}
	if err := th.AllocMany(strings.Count(s, "\n")+strings.Count(s, "\r")+1, 32); err != nil {
		return nil, err
	}
	var out []Value
	for s != "" {
		end := strings.IndexAny(s, "\r\n")
		if end < 0 {
			out = append(out, Bytes(s))
			break
		}
		after := end + 1
		if s[end] == '\r' && after < len(s) && s[after] == '\n' {
			after++
		}
		if keep {
			end = after
		}
		out, s = append(out, Bytes(s[:end])), s[after:]
	}
	return NewList(out...), nil
}

// textMembers are the methods that bytes share with str.
func textMembers() []*Native {
	title := func(before, c byte) byte {
		if isLetter(before) {
			return lowerByte(c)
		}
		return upperByte(c)
	}
	return []*Native{
		findBytes("find", strings.Index, false), findBytes("rfind", strings.LastIndex, false), findBytes("index", strings.Index, true),
		findBytes("rindex", strings.LastIndex, true),
		findBytes("count", func(s, sub string) int {
			if sub == "" {
				return len(s) + 1
			}
			return strings.Count(s, sub)
		}, false),
		edgeBytes("startswith", strings.HasPrefix), edgeBytes("endswith", strings.HasSuffix),
		mapBytes("upper", func(_, c byte) byte { return upperByte(c) }), mapBytes("lower", func(_, c byte) byte { return lowerByte(c) }),
		mapBytes("title", title),
		mapBytes("swapcase", func(_, c byte) byte {
			if isUpper(c) {
				return lowerByte(c)
			}
			return upperByte(c)
		}),
		bytesMethod("capitalize(self, /)", func(th *Thread, s string, _ []Value) (Value, error) {
			out := []byte(s)
			for i, c := range out {
				out[i] = lowerByte(c)
				if i == 0 {
					out[i] = upperByte(c)
				}
			}
			return Bytes(out), th.Alloc(len(s))
		}),
		trimBytes("strip", true, true), trimBytes("lstrip", true, false), trimBytes("rstrip", false, true),
		padBytes("ljust", func(int, int) int { return 0 }), padBytes("rjust", func(pad, _ int) int { return pad }),
		padBytes("center", func(pad, width int) int { return pad/2 + pad&width&1 }),
		bytesMethod("zfill(self, width, /)", zfillBytes), bytesMethod("hex(self, sep=)", hexBytes),
		bytesMethod("replace(self, old, new, count=-1, /)", replaceBytes), bytesMethod("splitlines(self, keepends=False)", splitLinesBytes),
		splitBytes("split", false), splitBytes("rsplit", true),
		partitionBytes("partition", strings.Index, 0), partitionBytes("rpartition", strings.LastIndex, 2),
		cutBytes("removeprefix", strings.TrimPrefix), cutBytes("removesuffix", strings.TrimSuffix),
		allBytes("isdigit", isDigitByte), allBytes("isalpha", isLetter), allBytes("isspace", isBlank),
		allBytes("isalnum", func(c byte) bool { return isLetter(c) || isDigitByte(c) }),
		casedBytes("islower", isUpper, isLower), casedBytes("isupper", isLower, isUpper),
		bytesMethod("isascii(self, /)", func(_ *Thread, s string, _ []Value) (Value, error) { return NewBool(isASCII(s)), nil }),
	}
}
