package stdlib

import (
	"encoding/hex"
	"hash/crc32"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func newBinascii(Host) *runtime.Module {
	m := members(
		define("hexlify(data, sep=, bytes_per_sep=1)", hexlify), define("b2a_hex(data, sep=, bytes_per_sep=1)", hexlify),
		define("unhexlify(hexstr, /)", unhexlify), define("a2b_hex(hexstr, /)", unhexlify),
		define("b2a_base64(data, /, *, newline=True)", func(th *thread, a args) (value, error) {
			s, err := wantBytes(a.Vals[0])
			if err != nil {
				return nil, err
			}
			newline, err := runtime.Truth(th, a.Vals[1])
			if err != nil {
				return nil, err
			}
			if err := th.AllocMany(len(s), 2); err != nil {
				return nil, err
			}
			if newline {
				return runtime.Bytes(encodeBase64(s) + "\n"), nil
			}
			return runtime.Bytes(encodeBase64(s)), nil
		}),
		define("a2b_base64(data, /, *, strict_mode=False)", func(th *thread, a args) (value, error) {
			s, err := wantASCII(a.Vals[0])
			if err != nil {
				return nil, err
			}
			strict, err := runtime.Truth(th, a.Vals[1])
			if err != nil {
				return nil, err
			}
			return decodeBase64(th, s, strict)
		}),
		define("crc32(data, crc=0, /)", func(th *thread, a args) (value, error) {
			s, err := wantBytes(a.Vals[0])
			if err != nil {
				return nil, err
			}
			start, err := runtime.Index(a.Vals[1])
			if err != nil {
				return nil, err
			}
			if err := th.Alloc(len(s)); err != nil {
				return nil, err
			}
			return runtime.NewInt(int64(crc32.Update(uint32(start), crc32.IEEETable, []byte(s)))), nil
		}),
	)
	m["Error"] = binasciiError
	return runtime.NewModule("binascii", m)
}

// wantASCII reads an argument of the a2b functions.
func wantASCII(v value) (string, error) {
	if s, ok := runtime.AsStr(v); ok {
		if !isASCII(s) {
			return "", runtime.Errorf(runtime.ValueError, "string argument should contain only ASCII characters")
		}
		return s, nil
	}
	b, ok := bytesOf(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "argument should be bytes, buffer or ASCII string, not '%s'", v.Class().Name)
	}
	return b, nil
}

func unhexlify(th *thread, a args) (value, error) {
	s, err := wantASCII(a.Vals[0])
	if err != nil {
		return nil, err
	}
	return fromHex(th, s)
}

func fromHex(th *thread, s string) (value, error) {
	if len(s)%2 != 0 {
		return nil, runtime.Errorf(binasciiError, "Odd-length string")
	}
	if err := th.Alloc(len(s)); err != nil {
		return nil, err
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, runtime.Errorf(binasciiError, "Non-hexadecimal digit found")
	}
	return runtime.Bytes(b), nil
}

// hexlify puts sep between groups that count from the right, or from the left when
// their size is negative.
func hexlify(th *thread, a args) (value, error) {
	s, err := wantBytes(a.Vals[0])
	if err != nil {
		return nil, err
	}
	size, err := runtime.Index(a.Vals[2])
	if err != nil {
		return nil, err
	}
	if err := th.AllocMany(len(s), 4); err != nil {
		return nil, err
	}
	text := hex.EncodeToString([]byte(s))
	if a.Vals[1] == nil {
		return runtime.Bytes(text), nil
	}
	sep, ok := runtime.AsStr(a.Vals[1])
	if !ok {
		if sep, ok = bytesOf(a.Vals[1]); !ok {
			return nil, runtime.Errorf(runtime.TypeError, "object of type '%s' has no len()", a.Vals[1].Class().Name)
		}
	}
	r := []rune(sep)
	if ok && !isASCII(sep) && len(r) == 1 && r[0] < 0x100 { // CPython takes all of Latin-1
		sep = string([]byte{byte(r[0])})
	}
	switch {
	case len(sep) != 1 && len(r) != 1:
		return nil, runtime.Errorf(runtime.ValueError, "sep must be length 1.")
	case len(sep) != 1:
		return nil, runtime.Errorf(runtime.ValueError, "sep must be ASCII.")
	case size == 0 || size >= int64(len(s)) || -size >= int64(len(s)) || size < -int64(len(s)):
		return runtime.Bytes(text), nil
	}
	var b strings.Builder
	for i := range len(s) {
		at := int64(i)
		if size > 0 {
			at = int64(len(s) - i)
		}
		if i > 0 && at%size == 0 {
			b.WriteString(sep)
		}
		b.WriteString(text[2*i : 2*i+2])
	}
	return runtime.Bytes(b.String()), nil
}
