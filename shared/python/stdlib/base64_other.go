package stdlib

import (
	"encoding/base32"
	"encoding/binary"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

const (
	base32Digits    = upper + "234567"
	base32HexDigits = digits + "ABCDEFGHIJKLMNOPQRSTUV"
	base85Digits    = digits + upper + lower + "!#$%&()*+-;<=>?@^_`{|}~"
)

func base32Members() []*runtime.Native {
	return []*runtime.Native{
		encoder("b32encode(s)", wantView, func(s string) string { return base32.StdEncoding.EncodeToString([]byte(s)) }),
		encoder("b32hexencode(s)", wantView, func(s string) string { return base32.HexEncoding.EncodeToString([]byte(s)) }),
		define("b32decode(s, casefold=False, map01=None)", func(th *thread, a args) (value, error) {
			return b32decode(th, base32Digits, a.Vals[0], a.Vals[1], a.Vals[2])
		}),
		define("b32hexdecode(s, casefold=False)", func(th *thread, a args) (value, error) {
			return b32decode(th, base32HexDigits, a.Vals[0], a.Vals[1], runtime.None)
		}),
	}
}

func b32decode(th *thread, alphabet string, v, casefold, map01 value) (value, error) {
	s, err := wantEncoded(v)
	if err != nil {
		return nil, err
	}
	if len(s)%8 != 0 {
		return nil, runtime.Errorf(binasciiError, "Incorrect padding")
	}
	if map01 != runtime.None {
		one, err := wantEncoded(map01)
		if err != nil {
			return nil, err
		}
		if len(one) != 1 {
			return nil, runtime.Errorf(runtime.AssertionError, "%s", shown(runtime.Bytes(one)))
		}
		s = swap(s, "01", "O"+one)
	}
	fold, err := runtime.Truth(th, casefold)
	if err != nil {
		return nil, err
	}
	if fold {
		s = strings.ToUpper(s)
	}
	if err := th.AllocMany(len(s), 2); err != nil {
		return nil, err
	}
	text := strings.TrimRight(s, "=")
	if strings.Trim(text, alphabet) != "" || strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune(alphabet, r) }) {
		return nil, runtime.Errorf(binasciiError, "Non-base32 digit found")
	}
	switch len(s) - len(text) {
	case 0, 1, 3, 4, 6:
	default:
		return nil, runtime.Errorf(binasciiError, "Incorrect padding")
	}
	out, err := base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil {
		return nil, runtime.Errorf(binasciiError, "Incorrect padding")
	}
	return runtime.Bytes(out), nil
}

func base85Members() []*runtime.Native {
	return []*runtime.Native{
		define("b85encode(b, pad=False)", func(th *thread, a args) (value, error) {
			return encode85(th, a.Vals[0], a.Vals[1], base85Digits, "", "")
		}),
		define("b85decode(b)", func(th *thread, a args) (value, error) {
			s, err := wantEncoded(a.Vals[0])
			if err != nil {
				return nil, err
			}
			for i := range len(s) {
				if strings.IndexByte(base85Digits, s[i]) < 0 {
					return nil, runtime.Errorf(runtime.ValueError, "bad base85 character at position %d", i)
				}
			}
			chunk := 0
			return decode85(th, s, func(c byte) int { return strings.IndexByte(base85Digits, c) }, '~', func() error {
				return runtime.Errorf(runtime.ValueError, "base85 overflow in hunk starting at byte %d", chunk*5)
			}, &chunk)
		}),
		define("a85encode(b, *, foldspaces=False, wrapcol=0, pad=False, adobe=False)", a85encode),
		define("a85decode(b, *, foldspaces=False, adobe=False, ignorechars=)", a85decode),
	}
}

func ascii85Digits() string {
	b := make([]byte, 85)
	for i := range b {
		b[i] = byte('!' + i)
	}
	return string(b)
}

// encode85 writes five digits for four bytes; zero and spaces replace groups of
// those, when not empty.
func encode85(th *thread, v, pad value, alphabet, zero, spaces string) (value, error) {
	s, err := wantView(v)
	if err != nil {
		return nil, err
	}
	keep, err := runtime.Truth(th, pad)
	if err != nil {
		return nil, err
	}
	if err := th.AllocMany(len(s), 2); err != nil {
		return nil, err
	}
	missing := (4 - len(s)%4) % 4
	s += "\x00\x00\x00"[:missing]
	var out []byte
	for at := 0; at < len(s); at += 4 {
		word, last := s[at:at+4], at+4 == len(s)
		switch {
		case zero != "" && word == "\x00\x00\x00\x00" && (!last || missing == 0 || keep):
			out = append(out, zero...)
			continue
		case spaces != "" && word == "    ":
			out = append(out, spaces...)
			continue
		}
		n, group := binary.BigEndian.Uint32([]byte(word)), [5]byte{}
		for i := 4; i >= 0; i-- {
			group[i] = alphabet[n%85]
			n /= 85
		}
		if last && !keep {
			out = append(out, group[:5-missing]...)
		} else {
			out = append(out, group[:]...)
		}
	}
	return runtime.Bytes(out), nil
}

// decode85 reads groups of five digits, the last one filled with fill.
func decode85(th *thread, s string, digit func(byte) int, fill byte, overflow func() error, chunk *int) (value, error) {
	if err := th.AllocMany(len(s), 2); err != nil {
		return nil, err
	}
	missing := (5 - len(s)%5) % 5
	s += strings.Repeat(string(fill), missing)
	out := make([]byte, 0, len(s)/5*4)
	for ; *chunk*5 < len(s); *chunk++ {
		n := uint64(0)
		for i := range 5 {
			n = n*85 + uint64(digit(s[*chunk*5+i]))
		}
		if n > 0xffffffff {
			return nil, overflow()
		}
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	return runtime.Bytes(out[:len(out)-missing]), nil
}

func a85encode(th *thread, a args) (value, error) {
	fold, err := runtime.Truth(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	adobe, err := runtime.Truth(th, a.Vals[4])
	if err != nil {
		return nil, err
	}
	spaces := ""
	if fold {
		spaces = "y"
	}
	v, err := encode85(th, a.Vals[0], a.Vals[3], ascii85Digits(), "z", spaces)
	if err != nil {
		return nil, err
	}
	text := string(v.(runtime.Bytes))
	if adobe {
		text = "<~" + text
	}
	width, err := runtime.Index(a.Vals[2])
	if err != nil {
		return nil, err
	}
	if width != 0 {
		text, err = wrapped(th, text, width, adobe)
		if err != nil {
			return nil, err
		}
	}
	if adobe {
		text += "~>"
	}
	return runtime.Bytes(text), nil
}

// wrapped breaks text into lines, leaving room for the end mark of Adobe's form.
func wrapped(th *thread, text string, width int64, adobe bool) (string, error) {
	least := int64(1)
	if adobe {
		least = 2
	}
	width = max(least, width)
	if err := th.AllocMany(len(text), 2); err != nil {
		return "", err
	}
	var lines []string
	for rest := text; rest != ""; {
		n := int(min(width, int64(len(rest))))
		lines = append(lines, rest[:n])
		rest = rest[n:]
	}
	if adobe && len(lines) > 0 && int64(len(lines[len(lines)-1]))+2 > width {
		lines = append(lines, "")
	}
	return strings.Join(lines, "\n"), nil
}

func a85decode(th *thread, a args) (value, error) {
	s, err := wantEncoded(a.Vals[0])
	if err != nil {
		return nil, err
	}
	fold, err := runtime.Truth(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	adobe, err := runtime.Truth(th, a.Vals[2])
	if err != nil {
		return nil, err
	}
	ignored := " \t\n\r\v"
	if a.Vals[3] != nil {
		if ignored, err = wantBytes(a.Vals[3]); err != nil {
			return nil, err
		}
	}
	if adobe {
		if !strings.HasSuffix(s, "~>") {
			return nil, runtime.Errorf(runtime.ValueError, "Ascii85 encoded byte sequences must end with b'~>'")
		}
		s = strings.TrimPrefix(s[:len(s)-2], "<~")
	}
	if err := th.AllocMany(len(s), 5); err != nil {
		return nil, err
	}
	var b []byte
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '!' && c <= 'u':
			b = append(b, c)
		case c == 'z' && len(b)%5 != 0:
			return nil, runtime.Errorf(runtime.ValueError, "z inside Ascii85 5-tuple")
		case c == 'z':
			b = append(b, "!!!!!"...)
		case c == 'y' && fold && len(b)%5 != 0:
			return nil, runtime.Errorf(runtime.ValueError, "y inside Ascii85 5-tuple")
		case c == 'y' && fold:
			b = append(b, "+<VdL"...)
		case strings.IndexByte(ignored, c) >= 0:
		default:
			return nil, runtime.Errorf(runtime.ValueError, "Non-Ascii85 digit found: %c", c)
		}
	}
	chunk := 0
	return decode85(th, string(b), func(c byte) int { return int(c - '!') }, 'u', func() error {
		return runtime.Errorf(runtime.ValueError, "Ascii85 overflow")
	}, &chunk)
}
