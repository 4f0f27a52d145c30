package scenario

import (
	"errors"
	"fmt"
	"strings"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// failed is the outcome of an invocation that ended by an error.
func (u *User) failed(err error) Outcome {
	e := runtime.AsException(err)
	if e.IsA(exhausted) {
		return Outcome{Exhausted: exhaustion(e)}
	}
	o := Outcome{Failed: true, Class: e.Class().Name, Message: clip(traceback(e, u.runner.mask)), Internal: e.IsA(runtime.SystemError)}
	if errors.Is(err, runtime.ErrCancelled) {
		o.Class = load.ErrorCancelled
	}
	return o
}

// mask takes secrets out of a text. That is done before anything is cut off: half a secret is not recognized.
type mask func(text string) string

func (m mask) apply(text string) string {
	if m == nil {
		return text
	}
	return m(text)
}

// maxMessage is the length of the longest message, in bytes: a script may put a whole body
// into an exception.
const maxMessage = 8 << 10

// clip takes the middle out of a text that is too long.
func clip(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	half := maxMessage/2 - len("\n…\n")
	return strings.ToValidUTF8(s[:half], "") + "\n…\n" + strings.ToValidUTF8(s[len(s)-half:], "")
}

// maxValue is how much of a compared value a traceback shows, in characters.
const maxValue = 120

// traceback is what Python prints for an exception, and for a failed comparison its two sides.
func traceback(e *runtime.Exception, mask mask) string {
	text := strings.TrimSuffix(e.Traceback(), "\n")
	if c := e.Comparison(); c != nil {
		text += fmt.Sprintf("  (left: %s, right: %s)", shown(c.Left, mask), shown(c.Right, mask))
	}
	return mask.apply(text)
}

// maxMasked is how much of a compared value is masked, in bytes: what lies beyond is not shown.
const maxMasked = 64 << 10

// shown is a value as Python shows it, cut to a reasonable length.
func shown(v runtime.Value, mask mask) string {
	s, err := runtime.Repr(runtime.NewThread(runtime.Limits{Steps: 10_000, Bytes: 1 << 20, Depth: 100}), v)
	if err != nil {
		return "<" + v.Class().Name + ">"
	}
	s = mask.apply(s[:min(len(s), maxMasked)])
	if r := []rune(s); len(r) > maxValue {
		return string(r[:maxValue]) + "…"
	}
	return s
}
