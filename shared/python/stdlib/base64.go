package stdlib

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// binasciiError is binascii.Error, which base64 raises too.
var binasciiError = runtime.NewExceptionClass("binascii", "Error", runtime.ValueError)

// bytesOf reads bytes, also of a class below bytes.
func bytesOf(v value) (string, bool) {
	b, ok := runtime.Data(v).(runtime.Bytes)
	return string(b), ok
}

// wantBytes reads a bytes-like argument.
func wantBytes(v value) (string, error) {
	b, ok := bytesOf(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "a bytes-like object is required, not '%s'", v.Class().Name)
	}
	return b, nil
}

// wantEncoded reads what a decoder takes: bytes, or text within ASCII.
func wantEncoded(v value) (string, error) {
	if s, ok := runtime.AsStr(v); ok {
		if !isASCII(s) {
			return "", runtime.Errorf(runtime.ValueError, "string argument should contain only ASCII characters")
		}
		return s, nil
	}
	b, ok := bytesOf(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "argument should be a bytes-like object or ASCII string, not '%s'", v.Class().Name)
	}
	return b, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// swap replaces bytes one by one, as bytes.translate does.
func swap(s, from, to string) string {
	b := []byte(s)
	for i, c := range b {
		if at := strings.IndexByte(from, c); at >= 0 {
			b[i] = to[at]
		}
	}
	return string(b)
}

// wantView is wantBytes for functions that CPython writes with a memoryview.
func wantView(v value) (string, error) {
	b, ok := bytesOf(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "memoryview: a bytes-like object is required, not '%s'", v.Class().Name)
	}
	return b, nil
}

// encoder makes a function of one argument whose result is at most three times as long.
func encoder(signature string, want func(value) (string, error), encode func(s string) string) *runtime.Native {
	return define(signature, func(th *thread, a args) (value, error) {
		s, err := want(a.Vals[0])
		if err != nil {
			return nil, err
		}
		if err := th.AllocMany(len(s), 3); err != nil {
			return nil, err
		}
		out, err := inParts(th, s, encode)
		return runtime.Bytes(out), err
	})
}

// encodePart is how many bytes are encoded between two looks at the cancel signal: a whole
// number of the groups of 3 and 5 bytes that the alphabets make characters of.
const encodePart = 60 << 10

// inParts encodes a long text part by part.
func inParts(th *thread, s string, encode func(s string) string) (string, error) {
	if len(s) <= encodePart {
		return encode(s), nil
	}
	var b strings.Builder
	for s != "" {
		part := s[:min(len(s), encodePart)]
		if err := th.Work(len(part) << 3); err != nil {
			return "", err
		}
		b.WriteString(encode(part))
		s = s[len(part):]
	}
	return b.String(), nil
}

func newBase64(Host) *runtime.Module {
	m := members(
		define("b64encode(s, altchars=None)", b64encode),
		define("b64decode(s, altchars=None, validate=False)", b64decode),
		encoder("standard_b64encode(s)", wantBytes, encodeBase64),
		define("standard_b64decode(s)", func(th *thread, a args) (value, error) { return decodeText(th, a.Vals[0], "", false) }),
		encoder("urlsafe_b64encode(s)", wantBytes, func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) }),
		define("urlsafe_b64decode(s)", func(th *thread, a args) (value, error) { return decodeText(th, a.Vals[0], "-_", false) }),
		define("encodebytes(s)", encodeLines),
		define("decodebytes(s)", func(th *thread, a args) (value, error) {
			s, err := wantLines(a.Vals[0])
			if err != nil {
				return nil, err
			}
			return decodeBase64(th, s, false)
		}),
		encoder("b16encode(s)", wantBytes, func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) }),
		define("b16decode(s, casefold=False)", b16decode),
	)
	for _, n := range append(base32Members(), base85Members()...) {
		m[n.Name] = n
	}
	return runtime.NewModule("base64", m)
}

func encodeBase64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// altChars checks the two characters that stand for + and /; "" without them.
func altChars(v value, read func(value) (string, error)) (string, error) {
	if v == runtime.None {
		return "", nil
	}
	alt, err := read(v)
	if err != nil {
		return "", err
	}
	if len(alt) != 2 {
		return "", runtime.Errorf(runtime.AssertionError, "%s", shown(runtime.Bytes(alt)))
	}
	return alt, nil
}

// shown is repr of a plain value, for messages.
func shown(v value) string {
	s, err := runtime.Repr(runtime.NewThread(runtime.Limits{}), v)
	if err != nil {
		return "..."
	}
	return s
}

func b64encode(th *thread, a args) (value, error) {
	s, err := wantBytes(a.Vals[0])
	if err != nil {
		return nil, err
	}
	alt, err := altChars(a.Vals[1], wantBytes)
	if err != nil {
		return nil, err
	}
	if err := th.AllocMany(len(s), 2); err != nil {
		return nil, err
	}
	out, err := inParts(th, s, encodeBase64)
	if err != nil {
		return nil, err
	}
	if alt != "" {
		out = swap(out, "+/", alt)
	}
	return runtime.Bytes(out), nil
}

func b64decode(th *thread, a args) (value, error) {
	alt, err := altChars(a.Vals[1], wantEncoded)
	if err != nil {
		return nil, err
	}
	strict, err := runtime.Truth(th, a.Vals[2])
	if err != nil {
		return nil, err
	}
	return decodeText(th, a.Vals[0], alt, strict)
}

func decodeText(th *thread, v value, alt string, strict bool) (value, error) {
	s, err := wantEncoded(v)
	if err != nil {
		return nil, err
	}
	if alt != "" {
		s = swap(s, alt, "+/")
	}
	return decodeBase64(th, s, strict)
}

// decodeBase64 skips what is not of the alphabet, unless strict.
func decodeBase64(th *thread, s string, strict bool) (value, error) {
	if err := th.Alloc(len(s)); err != nil {
		return nil, err
	}
	const alphabet = upper + lower + digits + "+/"
	refuse := func(msg string) (value, error) { return nil, runtime.Errorf(binasciiError, "%s", msg) }
	if strict && strings.HasPrefix(s, "=") {
		return refuse("Leading padding not allowed")
	}
	out := make([]byte, 0, len(s)*3/4)
	quad, pads, left, padded := 0, 0, byte(0), false
	for i := range len(s) {
		if i%encodePart == 0 {
			if err := th.Work(min(encodePart, len(s)-i) << 4); err != nil {
				return nil, err
			}
		}
		c := s[i]
		if c == '=' {
			padded = true
			if quad >= 2 {
				pads++
			}
			if quad >= 2 && quad+pads >= 4 {
				if strict && i+1 < len(s) {
					return refuse("Excess data after padding")
				}
				return runtime.Bytes(out), nil
			}
			continue
		}
		at := strings.IndexByte(alphabet, c)
		if at < 0 {
			if strict {
				return refuse("Only base64 data is allowed")
			}
			continue
		}
		if strict && padded {
			return refuse("Discontinuous padding not allowed")
		}
		pads = 0
		if quad > 0 {
			out = append(out, left|byte(at)>>(6-2*quad))
		}
		quad = (quad + 1) % 4
		left = byte(at) << (2 * quad)
	}
	switch quad {
	case 0:
		return runtime.Bytes(out), nil
	case 1:
		return nil, runtime.Errorf(binasciiError,
			"Invalid base64-encoded string: number of data characters (%d) cannot be 1 more than a multiple of 4", len(out)/3*4+1)
	}
	return refuse("Incorrect padding")
}

// lineBytes is how many bytes a line of 76 characters holds.
const lineBytes = 57

// inLines is base64 text in lines.
func inLines(s string) string {
	var b strings.Builder
	for s != "" {
		n := min(len(s), lineBytes)
		b.WriteString(encodeBase64(s[:n]))
		b.WriteByte('\n')
		s = s[n:]
	}
	return b.String()
}

func wantLines(v value) (string, error) {
	s, ok := bytesOf(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "expected bytes-like object, not %s", v.Class().Name)
	}
	return s, nil
}

func encodeLines(th *thread, a args) (value, error) {
	s, err := wantLines(a.Vals[0])
	if err != nil {
		return nil, err
	}
	if err := th.AllocMany(len(s), 2); err != nil {
		return nil, err
	}
	return runtime.Bytes(inLines(s)), nil
}

func b16decode(th *thread, a args) (value, error) {
	s, err := wantEncoded(a.Vals[0])
	if err != nil {
		return nil, err
	}
	fold, err := runtime.Truth(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	if fold {
		s = strings.ToUpper(s)
	}
	if strings.Trim(s, digits+"ABCDEF") != "" {
		return nil, runtime.Errorf(binasciiError, "Non-base16 digit found")
	}
	return fromHex(th, s)
}
