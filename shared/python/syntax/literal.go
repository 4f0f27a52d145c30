package syntax

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDigits is the most digits a decimal integer literal may have, as in CPython.
const maxDigits = 4300

// numberLiteral makes the constant of a number token, which the scanner has checked.
func (p *parser) numberLiteral(t *token) *Constant {
	text := strings.ReplaceAll(t.text, "_", "")
	radix := len(text) > 1 && text[0] == '0' && !isDigit(text[1])
	if strings.ContainsAny(text, ".eE") && (!radix || text[1] == '.' || text[1]|0x20 == 'e') {
		// Out of range is ±Inf in Python too.
		f, _ := strconv.ParseFloat(text, 64)
		return &Constant{t.Span, f}
	}
	if !radix {
		text = strings.TrimLeft(text[:len(text)-1], "0") + text[len(text)-1:]
		if len(text) > maxDigits {
			p.fail(t, "Exceeds the limit (%d digits) for integer string conversion: value has %d digits; "+
				"use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals "+
				"to avoid decimal conversion limits.", maxDigits, len(text))
		}
	}
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return &Constant{t.Span, n}
	}
	n, _ := new(big.Int).SetString(text, 0)
	return &Constant{t.Span, n}
}

// stringBody splits a string token into its lower-case prefix and what is between the quotes.
func stringBody(text string) (prefix, body string) {
	n := strings.IndexAny(text, "'\"")
	prefix, body = strings.ToLower(text[:n]), text[n:]
	quotes := 1
	if len(body) >= 6 && body[1] == body[0] && body[2] == body[0] {
		quotes = 3
	}
	return prefix, body[quotes : len(body)-quotes]
}

// text decodes the escapes of literal text that stands at a node.
func (p *parser) text(at Node, s string) string {
	out, err := unescape(s, false)
	if err != nil {
		p.fail(at, "%s", err)
	}
	return out
}

// bytes decodes the escapes of a bytes literal that stands at a node.
func (p *parser) bytes(at Node, s string, raw bool) Bytes {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			p.fail(at, "bytes can only contain ASCII literal characters")
		}
	}
	if raw {
		return Bytes(s)
	}
	out, err := unescape(s, true)
	if err != nil {
		p.fail(at, "%s", err)
	}
	return Bytes(out)
}

// unescape replaces escape sequences; unknown ones stay as they are. In bytes, \x and
// octal escapes stand for a byte, and \u, \U and \N for themselves.
func unescape(s string, bytes bool) (string, error) {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s, nil
	}
	var b strings.Builder
	b.Grow(len(s))
	put := func(n uint32) {
		if bytes {
			b.WriteByte(byte(n)) //nolint:gosec // an octal escape above 255 wraps, as in Python
		} else {
			b.WriteRune(rune(n)) //nolint:gosec // checked by the caller
		}
	}
	for i = 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		if c, ok := simpleEscape(s[i+1]); ok {
			b.WriteString(c)
			i += 2
			continue
		}
		n, value, err := numericEscape(s, i, bytes)
		if err != nil {
			return "", err
		}
		if n == 0 {
			b.WriteByte('\\')
			i++
			continue
		}
		put(value)
		i += n
	}
	return b.String(), nil
}

// simpleEscape returns what a backslash and c stand for.
func simpleEscape(c byte) (string, bool) {
	switch c {
	case '\n':
		return "", true
	case '\\', '\'', '"':
		return string(c), true
	case 'a':
		return "\a", true
	case 'b':
		return "\b", true
	case 'f':
		return "\f", true
	case 'n':
		return "\n", true
	case 'r':
		return "\r", true
	case 't':
		return "\t", true
	case 'v':
		return "\v", true
	}
	return "", false
}

// numericEscape decodes the escape at s[i:] and returns its length, 0 if it is none.
func numericEscape(s string, i int, bytes bool) (n int, value uint32, err error) {
	c := s[i+1]
	if c >= '0' && c <= '7' {
		n = 2 + countIn(s[i+2:min(i+4, len(s))], "01234567")
		v, _ := strconv.ParseUint(s[i+1:i+n], 8, 32)
		return n, uint32(v), nil
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	switch {
	case c == 'x' || digits > 0 && !bytes:
	case c == 'N' && !bytes:
		return 0, 0, errors.New("\\N{...} is not supported; write the character itself or use \\uXXXX")
	default:
		return 0, 0, nil
	}
	have := countIn(s[i+2:min(i+2+digits, len(s))], "0123456789abcdefABCDEF")
	if have < digits {
		if bytes {
			return 0, 0, fmt.Errorf("(value error) invalid \\x escape at position %d", i)
		}
		return 0, 0, fmt.Errorf("(unicode error) 'unicodeescape' codec can't decode bytes in position %d-%d: truncated \\%c%s escape",
			i, i+1+have, c, strings.Repeat("X", digits))
	}
	v, _ := strconv.ParseUint(s[i+2:i+2+digits], 16, 32)
	switch {
	case v > utf8.MaxRune:
		return 0, 0, fmt.Errorf("(unicode error) 'unicodeescape' codec can't decode bytes in position %d-%d: illegal Unicode character", i, i+1+digits)
	case !bytes && v >= 0xd800 && v < 0xe000:
		return 0, 0, errors.New("surrogates are not supported; write the character itself or use \\UXXXXXXXX")
	}
	return 2 + digits, uint32(v), nil
}
