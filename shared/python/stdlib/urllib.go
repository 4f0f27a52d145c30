package stdlib

import (
	"strings"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newURLLib is the package that holds urllib.parse, and nothing else.
func newURLLib(Host) *runtime.Module { return runtime.NewModule("urllib", nil) }

func newURLParse(Host) *runtime.Module {
	m := members(
		define("quote(string, safe='/', encoding=None, errors=None)", func(th *thread, a args) (value, error) {
			return quoteValue(th, a.Vals[0], a.Vals[1], a.Vals[2], a.Vals[3])
		}),
		define("quote_plus(string, safe='', encoding=None, errors=None)", func(th *thread, a args) (value, error) {
			return quotePlus(th, a.Vals[0], a.Vals[1], a.Vals[2], a.Vals[3])
		}),
		define("quote_from_bytes(bs, safe='/')", func(th *thread, a args) (value, error) {
			return quoteBytes(th, a.Vals[0], a.Vals[1])
		}),
		define("unquote(string, encoding='utf-8', errors='replace')", func(th *thread, a args) (value, error) {
			return unquoteValue(th, a.Vals[0], a.Vals[1], a.Vals[2])
		}),
		define("unquote_plus(string, encoding='utf-8', errors='replace')", func(th *thread, a args) (value, error) {
			s, ok := runtime.AsStr(a.Vals[0])
			if !ok {
				if _, isBytes := bytesOf(a.Vals[0]); isBytes {
					return nil, runtime.Errorf(runtime.TypeError, "a bytes-like object is required, not 'str'")
				}
				return nil, noMethod(a.Vals[0], "replace")
			}
			return unquoteValue(th, runtime.Str(strings.ReplaceAll(s, "+", " ")), a.Vals[1], a.Vals[2])
		}),
		define("unquote_to_bytes(string)", func(th *thread, a args) (value, error) {
			s, ok := bytesOf(a.Vals[0])
			if !ok {
				if s, ok = runtime.AsStr(a.Vals[0]); !ok {
					return nil, noMethod(a.Vals[0], "split")
				}
			}
			return runtime.Bytes(unquoteText(s)), th.Alloc(len(s))
		}),
		define("urlencode(query, doseq=False, safe='', encoding=None, errors=None, quote_via=)", urlencode),
		define("parse_qs(qs, keep_blank_values=False, strict_parsing=False, encoding='utf-8', errors='replace', max_num_fields=None, separator='&')", parseQS),
		define("parse_qsl(qs, keep_blank_values=False, strict_parsing=False, encoding='utf-8', errors='replace', max_num_fields=None, separator='&')",
			func(th *thread, a args) (value, error) {
				pairs, err := parsePairs(th, a)
				if err != nil {
					return nil, err
				}
				out := make([]value, len(pairs))
				for i, p := range pairs {
					out[i] = runtime.NewTuple(p[0], p[1])
				}
				return runtime.NewList(out...), th.AllocMany(len(pairs), 64)
			}),
		define("urlsplit(url, scheme='', allow_fragments=True)", func(th *thread, a args) (value, error) {
			u, err := splitArgs(th, a)
			if err != nil {
				return nil, err
			}
			return urlResult(splitResultClass, u.scheme, u.netloc, u.path, u.query, u.fragment), nil
		}),
		define("urlparse(url, scheme='', allow_fragments=True)", func(th *thread, a args) (value, error) {
			u, err := splitArgs(th, a)
			if err != nil {
				return nil, err
			}
			u.cutParams()
			return urlResult(parseResultClass, u.scheme, u.netloc, u.path, u.params, u.query, u.fragment), nil
		}),
		define("urlunsplit(components)", func(th *thread, a args) (value, error) { return unsplit(th, a.Vals[0], 5) }),
		define("urlunparse(components)", func(th *thread, a args) (value, error) { return unsplit(th, a.Vals[0], 6) }),
		define("urljoin(base, url, allow_fragments=True)", urljoin),
		define("urldefrag(url)", func(th *thread, a args) (value, error) {
			s, err := wantURL(a.Vals[0])
			if err != nil {
				return nil, err
			}
			if !strings.Contains(s, "#") {
				return urlResult(defragResultClass, s, ""), nil
			}
			u, err := splitURL(th, s, "", true)
			if err != nil {
				return nil, err
			}
			u.cutParams()
			frag := u.fragment
			u.fragment = ""
			return urlResult(defragResultClass, u.text(), frag), nil
		}),
	)
	m["ParseResult"], m["SplitResult"], m["DefragResult"] = parseResultClass, splitResultClass, defragResultClass
	return runtime.NewModule("urllib.parse", m)
}

func noMethod(v value, name string) error {
	return runtime.Errorf(runtime.AttributeError, "'%s' object has no attribute '%s'", v.Class().Name, name)
}

const urlSafe = upper + lower + digits + "_.-~"

// safeBytes reads the safe argument; what is not ASCII has no effect.
func safeBytes(v value) (string, error) {
	s, ok := runtime.AsStr(v)
	if !ok {
		if s, ok = bytesOf(v); !ok {
			return "", runtime.Errorf(runtime.TypeError, "'%s' object is not iterable", v.Class().Name)
		}
	}
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return -1
		}
		return r
	}, s), nil
}

func quoteBytes(th *thread, v, safe value) (value, error) {
	s, ok := bytesOf(v)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "quote_from_bytes() expected bytes")
	}
	if s == "" {
		return runtime.Str(""), nil
	}
	more, err := safeBytes(safe)
	if err != nil {
		return nil, err
	}
	if err := th.AllocMany(len(s), 3); err != nil {
		return nil, err
	}
	return runtime.Str(percentEncode(s, more)), nil
}

func percentEncode(s, safe string) string {
	const hexUpper = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		if c := s[i]; strings.IndexByte(urlSafe, c) >= 0 || strings.IndexByte(safe, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(hexUpper[c>>4])
			b.WriteByte(hexUpper[c&15])
		}
	}
	return b.String()
}

// orElse is v, or a text when v is None or missing.
func orElse(v value, text string) value {
	if v == nil || v == runtime.None {
		return runtime.Str(text)
	}
	return v
}

func quoteValue(th *thread, v, safe, encoding, errs value) (value, error) {
	s, ok := runtime.AsStr(v)
	switch {
	case !ok && encoding != runtime.None:
		return nil, runtime.Errorf(runtime.TypeError, "quote() doesn't support 'encoding' for bytes")
	case !ok && errs != runtime.None:
		return nil, runtime.Errorf(runtime.TypeError, "quote() doesn't support 'errors' for bytes")
	case !ok:
		return quoteBytes(th, v, safe)
	case s == "":
		return v, nil
	}
	if encoding == runtime.None {
		return quoteBytes(th, runtime.Bytes(s), safe)
	}
	b, err := runtime.CallAttr(th, runtime.Str(s), "encode", encoding, orElse(errs, "strict"))
	if err != nil {
		return nil, err
	}
	return quoteBytes(th, b, safe)
}

func quotePlus(th *thread, v, safe, encoding, errs value) (value, error) {
	s, ok := runtime.AsStr(v)
	if !ok {
		s, ok = bytesOf(v)
	}
	if ok && !strings.Contains(s, " ") {
		return quoteValue(th, v, safe, encoding, errs)
	}
	var space value = runtime.Str(" ")
	if _, isText := runtime.AsStr(safe); !isText {
		space = runtime.Bytes(" ")
	}
	more, err := runtime.Binary(th, runtime.Add, safe, space)
	if err != nil {
		return nil, err
	}
	q, err := quoteValue(th, v, more, encoding, errs)
	if err != nil {
		return nil, err
	}
	text, _ := runtime.AsStr(q)
	return runtime.Str(strings.ReplaceAll(text, " ", "+")), nil
}

// unquoteText replaces %xx by bytes; what is malformed stays.
func unquoteText(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := hexValue(s[i+1]), hexValue(s[i+2])
			if hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

func unquoteValue(th *thread, v, encoding, errs value) (value, error) {
	if b, ok := bytesOf(v); ok {
		return runtime.CallAttr(th, runtime.Bytes(unquoteText(b)), "decode", encoding, errs)
	}
	s, ok := runtime.AsStr(v)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "argument of type '%s' is not iterable", v.Class().Name)
	}
	if !strings.Contains(s, "%") {
		return v, nil
	}
	if err := th.AllocMany(len(s), 4); err != nil {
		return nil, err
	}
	// Only runs of ASCII are decoded: a character beyond ends a sequence of bytes.
	var out strings.Builder
	for s != "" {
		n := 0
		for n < len(s) && s[n] < utf8.RuneSelf {
			n++
		}
		t, err := runtime.CallAttr(th, runtime.Bytes(unquoteText(s[:n])), "decode", orElse(encoding, "utf-8"), orElse(errs, "replace"))
		if err != nil {
			return nil, err
		}
		text, _ := runtime.AsStr(t)
		out.WriteString(text)
		s = s[n:]
		for n = 0; n < len(s) && s[n] >= utf8.RuneSelf; n++ {
			out.WriteByte(s[n])
		}
		s = s[n:]
	}
	return runtime.Str(out.String()), nil
}
