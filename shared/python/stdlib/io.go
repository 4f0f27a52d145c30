package stdlib

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newIO makes the io module: files in memory, and no others.
func newIO(Host) *runtime.Module {
	return runtime.NewModule("io", runtime.Members{
		"StringIO": stringIOClass, "BytesIO": bytesIOClass,
		"UnsupportedOperation": unsupportedOperation,
		"SEEK_SET":             runtime.NewInt(0), "SEEK_CUR": runtime.NewInt(1), "SEEK_END": runtime.NewInt(2),
		"DEFAULT_BUFFER_SIZE": runtime.NewInt(8192),
	})
}

var unsupportedOperation = runtime.NewExceptionClass("io", "UnsupportedOperation", runtime.OSError, runtime.ValueError)

// memFile is StringIO (of runes) and BytesIO (of bytes).
type memFile[T rune | byte] struct {
	runtime.Guard
	class  *runtime.Class
	kind   *memKind[T]
	data   []T
	at     int
	closed bool

	translate string // StringIO: what "\n" becomes as it is written
	universal bool   // StringIO: "\r" and "\r\n" end lines, too
	fold      bool   // StringIO: and become "\n" as they are written
}

// memKind is what the two differ in.
type memKind[T rune | byte] struct {
	read func(v value) ([]T, error)
	box  func(data []T) value
	size int // bytes of an item
	seek func(whence, offset int64) error
}

var (
	runeFile = &memKind[rune]{
		read: func(v value) ([]rune, error) {
			s, ok := runtime.AsStr(v)
			if !ok {
				return nil, runtime.Errorf(runtime.TypeError, "string argument expected, got '%s'", v.Class().Name)
			}
			return []rune(s), nil
		},
		box: func(data []rune) value { return runtime.Str(string(data)) }, size: 4,
		seek: func(whence, offset int64) error {
			switch {
			case whence < 0 || whence > 2:
				return runtime.Errorf(runtime.ValueError, "Invalid whence (%d, should be 0, 1 or 2)", whence)
			case offset < 0 && whence == 0:
				return runtime.Errorf(runtime.ValueError, "Negative seek position %d", offset)
			case whence != 0 && offset != 0:
				return runtime.Errorf(runtime.OSError, "Can't do nonzero cur-relative seeks")
			}
			return nil
		},
	}
	byteFile = &memKind[byte]{
		read: func(v value) ([]byte, error) {
			s, err := wantBytes(v)
			return []byte(s), err
		},
		box: func(data []byte) value { return runtime.Bytes(data) }, size: 1,
		seek: func(whence, offset int64) error {
			switch {
			case whence < 0 || whence > 2:
				return runtime.Errorf(runtime.ValueError, "invalid whence (%d, should be 0, 1 or 2)", whence)
			case offset < 0 && whence == 0:
				return runtime.Errorf(runtime.ValueError, "negative seek value %d", offset)
			}
			return nil
		},
	}
	stringIOClass = runtime.Constructor(runtime.NewNativeClass("_io", "_io.StringIO", memMembers[rune]()), makeStringIO)
	bytesIOClass  = runtime.Constructor(runtime.NewNativeClass("_io", "_io.BytesIO", memMembers[byte]()), makeBytesIO)
)

func makeStringIO(th *thread, class *runtime.Class, a args) (value, error) {
	var vals [2]value
	if err := stringIOSignature.Bind("StringIO", a, vals[:]); err != nil {
		return nil, err
	}
	f := &memFile[rune]{class: class, kind: runeFile}
	if vals[1] == nil {
		vals[1] = runtime.Str("\n")
	}
	newline, isText := runtime.AsStr(vals[1])
	switch {
	case vals[1] == runtime.None:
		f.universal, f.fold = true, true
	case !isText:
		return nil, runtime.Errorf(runtime.TypeError, "newline must be str or None, not %s", vals[1].Class().Name)
	case newline == "":
		f.universal = true
	case newline == "\r" || newline == "\r\n":
		f.translate = newline
	case newline != "\n":
		return nil, runtime.Errorf(runtime.ValueError, "illegal newline value: %s", shown(vals[1]))
	}
	if vals[0] == runtime.None {
		return f, nil
	}
	if _, ok := runtime.AsStr(vals[0]); !ok {
		return nil, runtime.Errorf(runtime.TypeError, "initial_value must be str or None, not %s", vals[0].Class().Name)
	}
	if _, err := f.write(th, vals[0]); err != nil {
		return nil, err
	}
	f.at = 0
	return f, nil
}

var (
	stringIOSignature = runtime.NewSignature("StringIO", "initial_value='', newline=")
	bytesIOSignature  = runtime.NewSignature("BytesIO", "initial_bytes=")
)

func makeBytesIO(th *thread, class *runtime.Class, a args) (value, error) {
	var vals [1]value
	if err := bytesIOSignature.Bind("BytesIO", a, vals[:]); err != nil {
		return nil, err
	}
	f := &memFile[byte]{class: class, kind: byteFile}
	if vals[0] == nil || vals[0] == runtime.None {
		return f, nil
	}
	if _, err := f.write(th, vals[0]); err != nil {
		return nil, err
	}
	f.at = 0
	return f, nil
}

// Class implements runtime.Value.
func (f *memFile[T]) Class() *runtime.Class { return f.class }

// PublishTo implements runtime.Container.
func (f *memFile[T]) PublishTo(queue []value) []value {
	f.Share()
	return queue
}

// open locks the file unless it is closed.
func (f *memFile[T]) open(name string) error {
	f.Lock()
	if !f.closed {
		return nil
	}
	f.Unlock()
	msg := "I/O operation on closed file"
	if f.kind.size == 1 || name == "readlines" || name == "isatty" || name == "__next__" { // CPython has two wordings
		msg += "."
	}
	return runtime.Errorf(runtime.ValueError, "%s", msg)
}

// Next is the next line, nil at the end.
func (f *memFile[T]) Next(th *thread) (value, error) {
	if err := f.open("__next__"); err != nil {
		return nil, err
	}
	defer f.Unlock()
	line := f.line(-1)
	if len(line) == 0 {
		return nil, nil
	}
	return f.kind.box(line), th.AllocMany(len(line), f.kind.size)
}

// rest is what a read at the present place finds.
func (f *memFile[T]) rest() []T { return f.data[min(f.at, len(f.data)):] }

// take reads at most n items, all when n is negative.
func (f *memFile[T]) take(n int64) []T {
	rest := f.rest()
	if n >= 0 && n < int64(len(rest)) {
		rest = rest[:n]
	}
	f.at += len(rest)
	return rest
}

// line reads up to the end of the line, and at most limit items.
func (f *memFile[T]) line(limit int64) []T {
	rest := f.rest()
	if limit >= 0 && limit < int64(len(rest)) {
		rest = rest[:limit]
	}
	n := len(rest)
	for i, c := range rest {
		if f.translate == "\r" && c != '\r' || f.translate == "" && c != '\n' && (c != '\r' || !f.universal) {
			continue
		}
		if f.translate == "\r\n" && (c != '\n' || i == 0 || rest[i-1] != '\r') {
			continue
		}
		n = i + 1
		if c == '\r' && f.universal && n < len(rest) && rest[n] == '\n' {
			n++
		}
		break
	}
	f.at += n
	return rest[:n]
}

// newlines brings line ends to the form the file keeps.
func (f *memFile[T]) newlines(v value) value {
	s, ok := runtime.AsStr(v)
	switch {
	case !ok:
	case f.fold:
		return runtime.Str(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s))
	case f.translate != "":
		return runtime.Str(strings.ReplaceAll(s, "\n", f.translate))
	}
	return v
}

// write gives the number of items of v, which line ends do not change.
func (f *memFile[T]) write(th *thread, v value) (int, error) {
	if s, ok := runtime.AsStr(v); ok {
		if err := th.AllocMany(len(s), 2*f.kind.size); err != nil {
			return 0, err
		}
	}
	given, err := f.kind.read(v)
	if err != nil {
		return 0, err
	}
	data := given
	if f.translate != "" || f.fold {
		if data, err = f.kind.read(f.newlines(v)); err != nil {
			return 0, err
		}
	}
	if err := f.open("write"); err != nil {
		return 0, err
	}
	defer f.Unlock()
	if len(data) == 0 {
		return 0, nil
	}
	if grow := f.at + len(data) - len(f.data); grow > 0 {
		if err := th.AllocMany(grow, 2*f.kind.size); err != nil {
			return 0, err
		}
		f.data = append(f.data, make([]T, grow)...)
	}
	copy(f.data[f.at:], data)
	f.at += len(data)
	return len(given), nil
}

// seek moves to a place before the end of all memory.
func (f *memFile[T]) seek(offset, whence int64) error {
	if err := f.kind.seek(whence, offset); err != nil {
		return err
	}
	base := int64(0)
	switch whence {
	case 1:
		base = int64(f.at)
	case 2:
		base = int64(len(f.data))
	}
	if offset > 1<<40 { // beyond all memory: a write there is refused by its charge
		offset = 1 << 40
	}
	f.at = int(max(0, base+offset))
	return nil
}
