package runtime

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxDigits is CPython's limit for turning integers into decimal text and back.
const maxDigits = 4300

// ToStr is str(v).
func ToStr(th *Thread, v Value) (string, error) {
	switch v := v.(type) {
	case Str:
		return string(v), nil
	case Int:
		return strconv.FormatInt(int64(v), 10), nil
	case *Exception:
		if m := v.class.script("__str__"); m != nil {
			return textOf(th, v, m, "__str__")
		}
		return exceptionText(th, v)
	case *Object:
		if m := v.class.script("__str__"); m != nil {
			return textOf(th, v, m, "__str__")
		}
		if s, ok := v.native.(Str); ok {
			return string(s), nil
		}
		if v.class.script("__repr__") == nil && v.native != nil {
			return ToStr(th, v.native)
		}
	case interface {
		Str(th *Thread) (string, error)
	}:
		return v.Str(th)
	}
	return Repr(th, v)
}

func textOf(th *Thread, v, m Value, name string) (string, error) {
	if err := th.enter(" while calling a Python object"); err != nil {
		return "", err
	}
	defer th.leave()
	r, err := callMethod(th, v, m)
	if err != nil {
		return "", err
	}
	s, ok := AsStr(r)
	if !ok {
		return "", Errorf(TypeError, "%s returned non-string (type %s)", name, r.Class().Name)
	}
	return s, nil
}

// exceptionText is BaseException.__str__; an exception may be an argument of its own.
func exceptionText(th *Thread, e *Exception) (string, error) {
	if err := th.enter(" while getting the str of an object"); err != nil {
		return "", err
	}
	defer th.leave()
	in := e.args()
	switch {
	case len(in) == 0:
		return "", nil
	case len(in) == 1 && e.class.Is(KeyError):
		return Repr(th, in[0])
	case len(in) == 1:
		return ToStr(th, in[0])
	case len(in) == 2 && e.class.Is(OSError):
		no, err := ToStr(th, in[0])
		if err != nil {
			return "", err
		}
		text, err := ToStr(th, in[1])
		return "[Errno " + no + "] " + text, err
	}
	return Repr(th, NewTuple(in...))
}

// Repr is repr(v).
func Repr(th *Thread, v Value) (string, error) {
	r := reprer{th: th}
	if err := r.write(v); err != nil {
		return "", err
	}
	return r.b.String(), nil
}

// reprer writes nested values into one buffer; a container within itself is "...".
type reprer struct {
	th     *Thread
	b      strings.Builder
	inside []Value
}

func (r *reprer) text(s string) error {
	r.b.WriteString(s)
	return r.th.Alloc(len(s))
}

func (r *reprer) write(v Value) error {
	r.th.quota -= 5 // text and buffer
	if err := r.th.Step(); err != nil {
		return err
	}
	switch v := v.(type) {
	case Str:
		return r.text(quote(string(v), false))
	case Int:
		return r.text(strconv.FormatInt(int64(v), 10))
	case Bool:
		if v {
			return r.text("True")
		}
		return r.text("False")
	case NoneType:
		return r.text("None")
	case Float:
		return r.text(FormatFloat(float64(v)))
	case *BigInt:
		s, err := bigText(v.v)
		if err != nil {
			return err
		}
		return r.text(s)
	case Bytes:
		if err := r.th.work(len(v) << 4); err != nil {
			return err
		}
		return r.text(quoteBytes(string(v)))
	case EllipsisType:
		return r.text("Ellipsis")
	case NotImplementedType:
		return r.text("NotImplemented")
	case *List:
		return r.nested(v, "[", "]", func() error { return r.items(v.Items()) })
	case *Tuple:
		return r.nested(v, "(", ")", func() error {
			if err := r.items(v.Items); err != nil || len(v.Items) != 1 {
				return err
			}
			return r.text(",")
		})
	case *Dict:
		return r.nested(v, "{", "}", func() error { return r.entries(v) })
	case *Set:
		return r.set(v)
	case *Object:
		return r.instance(v)
	case *Exception:
		return r.exception(v)
	case *Class:
		return r.class(v)
	case *Range:
		if v.Step == 1 {
			return r.text(fmt.Sprintf("range(%d, %d)", v.Start, v.Stop))
		}
		return r.text(fmt.Sprintf("range(%d, %d, %d)", v.Start, v.Stop, v.Step))
	case *Slice:
		return r.nested(v, "slice(", ")", func() error { return r.items([]Value{v.Lo, v.Hi, v.Step}) })
	case *dictView:
		return r.nested(v, v.Class().Name+"([", "])", func() error { return r.items(v.values()) })
	case interface {
		Repr(th *Thread) (string, error)
	}:
		if err := r.th.enter(" while getting the repr of an object"); err != nil {
			return err
		}
		s, err := v.Repr(r.th)
		r.th.leave()
		if err != nil {
			return err
		}
		return r.text(s)
	}
	return r.text(plainRepr(v))
}

func (r *reprer) exception(e *Exception) error {
	if m := e.class.script("__repr__"); m != nil {
		s, err := textOf(r.th, e, m, "__repr__")
		if err != nil {
			return err
		}
		return r.text(s)
	}
	if err := r.th.enter(" while getting the repr of an object"); err != nil {
		return err
	}
	defer r.th.leave()
	if err := r.text(e.class.Name + "("); err != nil {
		return err
	}
	if err := r.items(e.args()); err != nil {
		return err
	}
	return r.text(")")
}

func (r *reprer) nested(v Value, open, end string, body func() error) error {
	if slices.Contains(r.inside, v) {
		return r.text(open + "..." + end)
	}
	if err := r.th.enter(" while getting the repr of an object"); err != nil {
		return err
	}
	defer r.th.leave()
	r.inside = append(r.inside, v)
	r.th.quota -= int64(len(r.inside) / 16) // looked at above
	defer func() { r.inside = r.inside[:len(r.inside)-1] }()
	if err := r.text(open); err != nil {
		return err
	}
	if err := body(); err != nil {
		return err
	}
	return r.text(end)
}

func (r *reprer) items(items []Value) error {
	for i, v := range items {
		if i > 0 {
			if err := r.text(", "); err != nil {
				return err
			}
		}
		if err := r.write(v); err != nil {
			return err
		}
	}
	return nil
}

func (r *reprer) entries(d *Dict) error {
	for i, e := range d.snapshot() {
		if i > 0 {
			if err := r.text(", "); err != nil {
				return err
			}
		}
		if err := r.write(e.key); err != nil {
			return err
		}
		if err := r.text(": "); err != nil {
			return err
		}
		if err := r.write(e.val); err != nil {
			return err
		}
	}
	return nil
}

func (r *reprer) set(s *Set) error {
	switch {
	case s.Len() == 0:
		return r.text(s.Class().Name + "()")
	case s.frozen:
		return r.nested(s, "frozenset({", "})", func() error { return r.items(s.Members()) })
	}
	return r.nested(s, "{", "}", func() error { return r.items(s.Members()) })
}

func (r *reprer) instance(o *Object) error {
	if m := o.class.script("__repr__"); m != nil {
		s, err := textOf(r.th, o, m, "__repr__")
		if err != nil {
			return err
		}
		return r.text(s)
	}
	switch n := o.native.(type) {
	case nil:
		return r.text(plainRepr(o))
	case *Set:
		return r.nested(n, o.class.Name+"({", "})", func() error { return r.items(n.Members()) })
	}
	return r.write(o.native)
}

// class shows a class as its own class wants.
func (r *reprer) class(c *Class) error {
	m := c.metaMember("__repr__")
	if m == nil {
		return r.text(plainRepr(c))
	}
	s, err := textOf(r.th, c, m, "__repr__")
	if err != nil {
		return err
	}
	return r.text(s)
}

// plainRepr is the text of values that show no content.
func plainRepr(v Value) string {
	switch v := v.(type) {
	case *Class:
		return "<class '" + v.fullName() + "'>"
	case *Function:
		return fmt.Sprintf("<function %s at %#x>", v.Code.QualName, address(v))
	case *Native:
		if v.owner != nil {
			return fmt.Sprintf("<method '%s' of '%s' objects>", v.Name, v.owner.Name)
		}
		return fmt.Sprintf("<built-in function %s>", v.Name)
	case *BoundMethod:
		if n, ok := v.Fn.(*Native); ok {
			return fmt.Sprintf("<built-in method %s of %s object at %#x>", n.Name, v.Self.Class().Name, address(v.Self))
		}
		if fn, ok := v.Fn.(*Function); ok {
			return fmt.Sprintf("<bound method %s of %s>", fn.Code.QualName, plainRepr(v.Self))
		}
	case *Module:
		return fmt.Sprintf("<module '%s'>", v.Name)
	case *Generator:
		return fmt.Sprintf("<generator object %s at %#x>", v.frame.Fn.Code.QualName, address(v))
	case *Coroutine:
		return fmt.Sprintf("<coroutine object %s at %#x>", v.frame.Fn.Code.QualName, address(v))
	}
	return fmt.Sprintf("<%s object at %#x>", v.Class().fullName(), address(v))
}

// FormatFloat is repr of a float.
func FormatFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		return s
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// bigText is the decimal text of a big integer.
func bigText(n *big.Int) (string, error) {
	if n.BitLen() > maxDigits*10/3+8 || len(n.String()) > maxDigits+1 {
		return "", Errorf(ValueError,
			"Exceeds the limit (%d digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit", maxDigits)
	}
	return n.String(), nil
}

// quote is repr of a string; ascii escapes everything beyond ASCII.
func quote(s string, ascii bool) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte(q)
	for _, r := range s {
		switch {
		case r == rune(q) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r >= ' ' && r < 0x7f:
			b.WriteByte(byte(r))
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case !ascii && printable(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte(q)
	return b.String()
}

func printable(r rune) bool {
	return unicode.IsPrint(r)
}

func quoteBytes(s string) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	b := []byte{'b', q}
	for i := range len(s) {
		switch c := s[i]; {
		case c == q || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c < ' ' || c >= 0x7f:
			b = append(b, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return string(append(b, q))
}
