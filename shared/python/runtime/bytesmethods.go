package runtime

import (
	"encoding/hex"
	"maps"
	"strings"
	"unicode/utf8"
)

func selfBytes(v Value) string {
	b, _ := native(v).(Bytes)
	return string(b)
}

// codec normalises the name of an encoding; "" when unknown.
func codec(v Value) string {
	name, _ := AsStr(v)
	switch strings.ReplaceAll(strings.ToLower(name), "_", "-") {
	case "utf-8", "utf8", "u8", "utf-8-sig":
		return "utf-8"
	case "ascii", "us-ascii":
		return "ascii"
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1":
		return "latin-1"
	}
	return ""
}

func errorsMode(v Value) string {
	s, ok := AsStr(v)
	if v == nil || !ok {
		return "strict"
	}
	return s
}

func encode(th *Thread, s string, encoding, errs Value) (Value, error) {
	name := codec(encoding)
	if name == "" {
		text, _ := AsStr(encoding)
		return nil, Errorf(LookupError, "unknown encoding: %s", text)
	}
	if err := th.Alloc(len(s)); err != nil {
		return nil, err
	}
	if name == "utf-8" || isASCII(s) {
		return Bytes(s), nil
	}
	top, mode := rune(0x7f), errorsMode(errs)
	if name == "latin-1" {
		top = 0xff
	}
	var b []byte
	i := 0
	for _, r := range s {
		switch {
		case r <= top:
			b = append(b, byte(r))
		case mode == "ignore":
		case mode == "replace":
			b = append(b, '?')
		case mode == "backslashreplace":
			b = append(b, escapeNonASCII(string(r))...)
		default:
			q := quote(string(r), true)
			return nil, Errorf(UnicodeEncodeError, "'%s' codec can't encode character %s in position %d: ordinal not in range(%d)", name, q, i, top+1)
		}
		i++
	}
	return Bytes(b), nil
}

func decode(th *Thread, b string, encoding, errs Value) (Value, error) {
	name := codec(encoding)
	if name == "" {
		text, _ := AsStr(encoding)
		return nil, Errorf(LookupError, "unknown encoding: %s", text)
	}
	if err := th.Alloc(len(b)); err != nil {
		return nil, err
	}
	mode := errorsMode(errs)
	if name == "utf-8" && utf8.ValidString(b) || isASCII(b) {
		return Str(b), nil
	}
	if err := th.AllocMany(len(b), 3); err != nil {
		return nil, err
	}
	var out strings.Builder
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRuneInString(b[i:])
		bad := r == utf8.RuneError && n <= 1
		if name != "utf-8" {
			r, n = rune(b[i]), 1
			bad = name == "ascii" && b[i] >= 0x80
		}
		switch {
		case !bad:
			out.WriteRune(r)
		case mode == "ignore":
		case mode == "replace":
			out.WriteRune(utf8.RuneError)
		default:
			reason := "invalid start byte"
			if name == "ascii" {
				reason = "ordinal not in range(128)"
			} else if b[i] >= 0xc2 && b[i] < 0xf5 {
				reason = "invalid continuation byte"
				if !utf8.FullRuneInString(b[i:]) {
					reason = "unexpected end of data"
				}
			}
			return nil, Errorf(UnicodeDecodeError, "'%s' codec can't decode byte 0x%02x in position %d: %s", name, b[i], i, reason)
		}
		i += n
	}
	return Str(out.String()), nil
}

// wantBytes reads a bytes-like argument.
func wantBytes(v Value) (string, error) {
	b, ok := native(v).(Bytes)
	if !ok {
		return "", Errorf(TypeError, "a bytes-like object is required, not '%s'", v.Class().Name)
	}
	return string(b), nil
}

func bytesMembers() Members {
	m := members(textMembers()...)
	maps.Copy(m, bytesTranslateMembers())
	maps.Copy(m, Members{
		"decode": NewNative("decode(self, encoding='utf-8', errors='strict')", func(th *Thread, a Args) (Value, error) {
			return decode(th, selfBytes(a.Vals[0]), a.Vals[1], a.Vals[2])
		}),
		"fromhex": &StaticMethod{NewNative("fromhex(text, /)", func(th *Thread, a Args) (Value, error) {
			s, err := wantStr("fromhex() argument", a.Vals[0])
			if err != nil {
				return nil, err
			}
			if err := th.AllocMany(len(s), 3); err != nil {
				return nil, err
			}
			b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
			if err != nil {
				return nil, Errorf(ValueError, "non-hexadecimal number found in fromhex() arg at position 0")
			}
			return Bytes(b), nil
		})},
		"join": NewNative("join(self, iterable, /)", func(th *Thread, a Args) (Value, error) {
			items, err := Collect(th, a.Vals[1])
			if err != nil {
				return nil, err
			}
			sep, size := selfBytes(a.Vals[0]), 0
			ss := make([]string, len(items))
			for i, v := range items {
				b, ok := native(v).(Bytes)
				if !ok {
					return nil, Errorf(TypeError, "sequence item %d: expected a bytes-like object, %s found", i, v.Class().Name)
				}
				ss[i] = string(b)
				size += len(b) + len(sep)
			}
			if err := th.Alloc(size); err != nil {
				return nil, err
			}
			return Bytes(strings.Join(ss, sep)), nil
		}),
	})
	return m
}
