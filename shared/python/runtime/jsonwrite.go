package runtime

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
)

// JSONFormat is how WriteJSON writes. The zero value is not useful: see
// DefaultJSON.
type JSONFormat struct {
	ItemSeparator, KeySeparator string
	Indent                      string // one level, "" with Pretty for line breaks alone
	Pretty                      bool
	ASCII                       bool // escape everything beyond ASCII
	SortKeys, SkipKeys          bool
	AllowNaN                    bool
	Default                     Value // called for what JSON does not know, or nil
}

// DefaultJSON is the format of json.dumps without arguments.
var DefaultJSON = JSONFormat{ItemSeparator: ", ", KeySeparator: ": ", ASCII: true, AllowNaN: true}

// WriteJSON is json.dumps(v).
func WriteJSON(th *Thread, v Value, format JSONFormat) (string, error) {
	w := jsonWriter{th: th, f: format}
	if err := w.value(v, 0); err != nil {
		return "", err
	}
	return string(w.b), th.Alloc(len(w.b))
}

type jsonWriter struct {
	th     *Thread
	f      JSONFormat
	b      []byte
	inside []Value
	spent  int
}

// charge pays for what was written since the last time.
func (w *jsonWriter) charge() error {
	n := len(w.b) - w.spent
	w.spent = len(w.b)
	return w.th.Alloc(n)
}

func (w *jsonWriter) value(v Value, depth int) error {
	switch x := v.(type) {
	case Str:
		w.b = AppendJSONString(w.b, string(x), w.f.ASCII)
		return w.charge()
	case Int:
		w.b = strconv.AppendInt(w.b, int64(x), 10)
		return nil
	case Bool:
		w.b = strconv.AppendBool(w.b, bool(x))
		return nil
	case NoneType:
		w.b = append(w.b, "null"...)
		return nil
	case Float:
		s, err := w.float(float64(x))
		w.b = append(w.b, s...)
		return err
	case *BigInt:
		s, err := bigText(x.v)
		w.b = append(w.b, s...)
		return err
	case *List:
		return w.array(v, x.copyItems(), depth+1)
	case *Tuple:
		return w.array(v, x.Items, depth+1)
	case *Dict:
		return w.object(x, depth+1)
	case *Object:
		if x.native != nil {
			return w.value(x.native, depth)
		}
	}
	if w.f.Default == nil || w.f.Default == None {
		return Errorf(TypeError, "Object of type %s is not JSON serializable", v.Class().BareName())
	}
	if err := w.open(v); err != nil {
		return err
	}
	defer w.close()
	r, err := Call(w.th, w.f.Default, v)
	if err != nil {
		return err
	}
	return w.value(r, depth)
}

func (w *jsonWriter) float(f float64) (string, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		if !w.f.AllowNaN {
			return "", Errorf(ValueError, "Out of range float values are not JSON compliant")
		}
		return map[string]string{"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[FormatFloat(f)], nil
	}
	return FormatFloat(f), nil
}

// open refuses a container within itself.
func (w *jsonWriter) open(v Value) error {
	if slices.Contains(w.inside, v) {
		return Errorf(ValueError, "Circular reference detected")
	}
	if err := w.th.enter(" while encoding a JSON object"); err != nil {
		return err
	}
	w.inside = append(w.inside, v)
	w.th.quota -= int64(len(w.inside) / 16) // looked at above
	return w.charge()
}

func (w *jsonWriter) close() {
	w.th.leave()
	w.inside = w.inside[:len(w.inside)-1]
}

// text writes what the script chose, so it is paid for first.
func (w *jsonWriter) text(s string) error {
	if err := w.charge(); err != nil {
		return err
	}
	if err := w.th.AllocMany(len(s), 2); err != nil { // with the growth of the buffer
		return err
	}
	w.b = append(w.b, s...)
	w.spent += len(s)
	return nil
}

// line starts a new line of a pretty format.
func (w *jsonWriter) line(depth int) error {
	if w.f.Pretty {
		w.b = append(w.b, '\n')
		for range depth {
			if err := w.text(w.f.Indent); err != nil {
				return err
			}
		}
	}
	return nil
}

// item starts item number i.
func (w *jsonWriter) item(i, depth int) error {
	w.th.quota -= 4 // text and buffer
	if err := w.th.Step(); err != nil {
		return err
	}
	if i > 0 {
		if err := w.text(w.f.ItemSeparator); err != nil {
			return err
		}
	}
	return w.line(depth)
}

func (w *jsonWriter) array(v Value, items []Value, depth int) error {
	if len(items) == 0 {
		w.b = append(w.b, "[]"...)
		return nil
	}
	if err := w.open(v); err != nil {
		return err
	}
	defer w.close()
	w.b = append(w.b, '[')
	for i, item := range items {
		if err := w.item(i, depth); err != nil {
			return err
		}
		if err := w.value(item, depth); err != nil {
			return err
		}
	}
	if err := w.line(depth - 1); err != nil {
		return err
	}
	w.b = append(w.b, ']')
	return w.charge()
}

func (w *jsonWriter) object(d *Dict, depth int) error {
	es := d.snapshot()
	if len(es) == 0 {
		w.b = append(w.b, "{}"...)
		return nil
	}
	if err := w.open(d); err != nil {
		return err
	}
	defer w.close()
	if w.f.SortKeys {
		if err := w.sort(es); err != nil {
			return err
		}
	}
	w.b = append(w.b, '{')
	written := 0
	for _, e := range es {
		key, ok, err := w.key(e.key)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := w.item(written, depth); err != nil {
			return err
		}
		written++
		w.b = AppendJSONString(w.b, key, w.f.ASCII)
		if err := w.text(w.f.KeySeparator); err != nil {
			return err
		}
		if err := w.value(e.val, depth); err != nil {
			return err
		}
	}
	if err := w.line(depth - 1); err != nil {
		return err
	}
	w.b = append(w.b, '}')
	return w.charge()
}

func (w *jsonWriter) sort(es []entry) error {
	return sortStable(es, make([]entry, len(es)/2), func(a, b entry) (bool, error) { return before(w.th, a.key, b.key) })
}

// key is the text of a key; ok is false for one to be skipped.
func (w *jsonWriter) key(k Value) (text string, ok bool, err error) {
	switch x := k.(type) {
	case Bool:
		return strconv.FormatBool(bool(x)), true, nil
	case NoneType:
		return "null", true, nil
	case Int:
		return strconv.FormatInt(int64(x), 10), true, nil
	case Float:
		text, err = w.float(float64(x))
		return text, true, err
	}
	if s, ok := AsStr(k); ok {
		return s, true, nil
	}
	if w.f.SkipKeys {
		return "", false, nil
	}
	return "", false, Errorf(TypeError, "keys must be str, int, float, bool or None, not %s", k.Class().Name)
}

const hexDigits = "0123456789abcdef"

// AppendJSONString appends s as a JSON string.
func AppendJSONString(b []byte, s string, ascii bool) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' || c >= 0x7f && !ascii {
			i++
			continue
		}
		b = append(b, s[from:i]...)
		n := 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		case '\f':
			b = append(b, `\f`...)
		case '\b':
			b = append(b, `\b`...)
		default:
			n = runeLen(s[i:])
			for _, u := range utf16.Encode([]rune(s[i : i+n])) {
				b = append(b, '\\', 'u', hexDigits[u>>12], hexDigits[u>>8&15], hexDigits[u>>4&15], hexDigits[u&15])
			}
		}
		i += n
		from = i
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}
