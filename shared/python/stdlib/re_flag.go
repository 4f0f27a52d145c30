package stdlib

import (
	"strconv"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// flagValue is re.RegexFlag: an integer with names for its bits.
type flagValue int64

var flagClass = runtime.NewNativeSubclass(runtime.IntClass, "re", "RegexFlag", runtime.Members{
	"value": attribute("value", func(f flagValue) value { return runtime.NewInt(int64(f)) }),
	"__int__": method("__int__(self, /)", func(_ *thread, self value, _ []value) (value, error) {
		return runtime.NewInt(int64(self.(flagValue))), nil
	}),
	"name": attribute("name", func(f flagValue) value {
		if f == 0 {
			return runtime.Str("NOFLAG")
		}
		return runtime.Str(strings.ReplaceAll(flagText(int64(f)), "re.", ""))
	}),
})

var flagNames = []struct {
	name  string
	short string
	bit   int64
}{
	{"IGNORECASE", "I", flagIgnoreCase},
	{"MULTILINE", "M", flagMultiline},
	{"DOTALL", "S", flagDotAll},
	{"UNICODE", "U", flagUnicode},
	{"VERBOSE", "X", flagVerbose},
	{"ASCII", "A", flagASCII},
}

// flagText names the bits as in re.IGNORECASE|re.DOTALL.
func flagText(flags int64) string {
	var names []string
	for _, f := range flagNames {
		if flags&f.bit != 0 {
			names = append(names, "re."+f.name)
			flags &^= f.bit
		}
	}
	if flags != 0 {
		names = append(names, "0x"+strconv.FormatInt(flags, 16))
	}
	if names == nil {
		return "re.NOFLAG"
	}
	return strings.Join(names, "|")
}

// Class implements runtime.Value.
func (flagValue) Class() *runtime.Class { return flagClass }

// Repr names the bits.
func (f flagValue) Repr(*thread) (string, error) { return flagText(int64(f)), nil }

// HashValue is that of the number.
func (f flagValue) HashValue(th *thread) (int64, error) {
	return runtime.Hash(th, runtime.NewInt(int64(f)))
}

// Truth is whether any bit is set.
func (f flagValue) Truth(*thread) (bool, error) { return f != 0, nil }

// regexBits reads flags: names or a number.
func regexBits(v value) (int64, bool) {
	if f, ok := v.(flagValue); ok {
		return int64(f), true
	}
	return runtime.AsInt(v)
}

// CompareTo compares the numbers.
func (f flagValue) CompareTo(th *thread, op runtime.CmpOp, other value) (value, error) {
	if n, ok := regexBits(other); ok {
		return runtime.Compare(th, op, runtime.NewInt(int64(f)), runtime.NewInt(n))
	}
	return nil, nil
}

// BinaryOp joins flags with |, & and ^, and is arithmetic of numbers otherwise.
func (f flagValue) BinaryOp(th *thread, op runtime.Op, other value, reflected bool) (value, error) {
	n, ok := regexBits(other)
	if !ok {
		return nil, nil
	}
	switch op {
	case runtime.Or:
		return f | flagValue(n), nil
	case runtime.And:
		return f & flagValue(n), nil
	case runtime.Xor:
		return f ^ flagValue(n), nil
	}
	x, y := runtime.NewInt(int64(f)), runtime.NewInt(n)
	if reflected {
		x, y = y, x
	}
	return runtime.Binary(th, op, x, y)
}

// UnaryOp is the other flags for ~, and that of the number otherwise.
func (f flagValue) UnaryOp(th *thread, op rune) (value, error) {
	if op != runtime.Invert {
		return runtime.Unary(th, op, runtime.NewInt(int64(f)))
	}
	all := int64(0)
	for _, n := range flagNames {
		all |= n.bit
	}
	return flagValue(all &^ int64(f)), nil
}
