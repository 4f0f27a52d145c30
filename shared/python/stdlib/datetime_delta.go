package stdlib

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

const (
	microsPerSecond = 1_000_000
	secondsPerDay   = 86_400
	microsPerDay    = secondsPerDay * microsPerSecond
	maxDeltaDays    = 999_999_999
)

// delta is datetime.timedelta. Microseconds do not fit an int64, so days stand apart.
type delta struct {
	days   int64 // of either sign
	micros int64 // 0 to microsPerDay-1
}

var deltaClass = runtime.Constructor(runtime.NewNativeClass("datetime", "datetime.timedelta", deltaMembers()), makeDelta)

func deltaMembers() runtime.Members {
	return runtime.Members{
		"days":         attribute("days", func(d *delta) value { return runtime.NewInt(d.days) }),
		"seconds":      attribute("seconds", func(d *delta) value { return runtime.NewInt(d.micros / microsPerSecond) }),
		"microseconds": attribute("microseconds", func(d *delta) value { return runtime.NewInt(d.micros % microsPerSecond) }),
		"total_seconds": method("total_seconds(self, /)", func(_ *thread, self value, _ []value) (value, error) {
			return runtime.Float(ratio(self.(*delta).total(), big.NewInt(microsPerSecond))), nil
		}),
		"__abs__": method("__abs__(self, /)", func(_ *thread, self value, _ []value) (value, error) {
			if d := self.(*delta); d.days < 0 {
				return newDelta(new(big.Int).Neg(d.total()))
			}
			return self, nil
		}),
		"min":        &delta{days: -maxDeltaDays},
		"max":        &delta{days: maxDeltaDays, micros: microsPerDay - 1},
		"resolution": &delta{micros: 1},
	}
}

// NewTimedelta is a datetime.timedelta of d, rounded to microseconds, half to even.
func NewTimedelta(d time.Duration) runtime.Value {
	micros, rest := int64(d/time.Microsecond), int64(d%time.Microsecond)
	switch {
	case rest > 500 || rest == 500 && micros&1 == 1:
		micros++
	case rest < -500 || rest == -500 && micros&1 == 1:
		micros--
	}
	return deltaOfMicros(micros)
}

func deltaOfMicros(micros int64) *delta {
	days := floorDiv(micros, microsPerDay)
	return &delta{days, micros - days*microsPerDay}
}

// newDelta makes a timedelta of a number of microseconds.
func newDelta(micros *big.Int) (value, error) {
	days, rest := new(big.Int).DivMod(micros, big.NewInt(microsPerDay), new(big.Int)) // floors: the divisor is positive
	switch {
	case !days.IsInt64() || int64(int32(days.Int64())) != days.Int64():
		return nil, runtime.Errorf(runtime.OverflowError, "Python int too large to convert to C int")
	case days.Int64() > maxDeltaDays || days.Int64() < -maxDeltaDays:
		return nil, runtime.Errorf(runtime.OverflowError, "days=%d; must have magnitude <= %d", days.Int64(), maxDeltaDays)
	}
	return &delta{days.Int64(), rest.Int64()}, nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// total is the whole in microseconds.
func (d *delta) total() *big.Int {
	n := new(big.Int).Mul(big.NewInt(d.days), big.NewInt(microsPerDay))
	return n.Add(n, big.NewInt(d.micros))
}

// ratio is a/b, rounded once.
func ratio(a, b *big.Int) float64 {
	const exact = 1 << 53 // a double holds all integers below
	if a.IsInt64() && b.IsInt64() && max(a.Int64(), -a.Int64(), b.Int64(), -b.Int64()) < exact {
		return float64(a.Int64()) / float64(b.Int64())
	}
	f, _ := new(big.Rat).SetFrac(a, b).Float64()
	return f
}

// Class implements runtime.Value.
func (*delta) Class() *runtime.Class { return deltaClass }

// deltaUnits are the constructor's parameters with their microseconds, in the order
// in which CPython adds them up.
var deltaUnits = []struct {
	name     string
	argument int
	micros   int64
}{
	{"microseconds", 2, 1},
	{"milliseconds", 3, 1000},
	{"seconds", 1, microsPerSecond},
	{"minutes", 4, 60 * microsPerSecond},
	{"hours", 5, 3600 * microsPerSecond},
	{"days", 0, microsPerDay},
	{"weeks", 6, 7 * microsPerDay},
}

var deltaParameters = &parameters{
	function: "__new__", positional: 7,
	names: []string{"days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"},
}

func makeDelta(th *thread, _ *runtime.Class, a args) (value, error) {
	vals, err := deltaParameters.bind(a)
	if err != nil {
		return nil, err
	}
	sum, fraction := new(big.Int), 0.0
	for _, u := range deltaUnits {
		v := vals[u.argument]
		if v == nil {
			continue
		}
		if n := runtime.AsBig(v); n != nil {
			if err := th.Alloc(n.BitLen() / 8); err != nil {
				return nil, err
			}
			sum.Add(sum, new(big.Int).Mul(n, big.NewInt(u.micros)))
			continue
		}
		f, ok := runtime.AsFloat(v)
		if !ok {
			return nil, runtime.Errorf(runtime.TypeError, "unsupported type for timedelta %s component: %s", u.name, v.Class().Name)
		}
		if _, err := runtime.FloatToInt(f); err != nil {
			return nil, err
		}
		whole, part := math.Modf(f)
		n, _ := big.NewFloat(whole).Int(nil)
		sum.Add(sum, n.Mul(n, big.NewInt(u.micros)))
		whole, part = math.Modf(part * float64(u.micros))
		sum.Add(sum, big.NewInt(int64(whole)))
		fraction += part
	}
	return newDelta(sum.Add(sum, big.NewInt(roundFraction(fraction, sum.Bit(0)))))
}

// roundFraction rounds what is left beside a whole number, half to even of their sum.
func roundFraction(f float64, odd uint) int64 {
	n := math.Round(f)
	if math.Abs(n-f) == 0.5 {
		n = 2*math.Round((f+float64(odd))*0.5) - float64(odd)
	}
	return int64(n)
}

// divideNearest is a/b, half to even.
func divideNearest(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	c := new(big.Int).Lsh(new(big.Int).Abs(r), 1).CmpAbs(b)
	if c > 0 || c == 0 && q.Bit(0) == 1 {
		if (a.Sign() < 0) == (b.Sign() < 0) {
			return q.Add(q, big.NewInt(1))
		}
		return q.Sub(q, big.NewInt(1))
	}
	return q
}

// BinaryOp is the arithmetic with other timedeltas and with numbers.
func (d *delta) BinaryOp(th *thread, op runtime.Op, other value, reflected bool) (value, error) {
	if o, ok := other.(*delta); ok {
		if reflected {
			return nil, nil
		}
		return d.withDelta(op, o)
	}
	if n := runtime.AsBig(other); n != nil {
		if err := th.Alloc(n.BitLen() / 8); err != nil {
			return nil, err
		}
		return d.withRatio(op, n, big.NewInt(1), reflected)
	}
	f, ok := other.(runtime.Float)
	if !ok || op != runtime.Mul && (op != runtime.Div || reflected) {
		return nil, nil
	}
	switch {
	case math.IsInf(float64(f), 0):
		return nil, runtime.Errorf(runtime.OverflowError, "cannot convert Infinity to integer ratio")
	case math.IsNaN(float64(f)):
		return nil, runtime.Errorf(runtime.ValueError, "cannot convert NaN to integer ratio")
	}
	r := new(big.Rat).SetFloat64(float64(f))
	return d.withRatio(op, r.Num(), r.Denom(), reflected)
}

func (d *delta) withDelta(op runtime.Op, o *delta) (value, error) {
	x, y := d.total(), o.total()
	switch op {
	case runtime.Add:
		return newDelta(x.Add(x, y))
	case runtime.Sub:
		return newDelta(x.Sub(x, y))
	case runtime.Div, runtime.FloorDiv, runtime.Mod:
	default:
		return nil, nil
	}
	if y.Sign() == 0 {
		text := map[runtime.Op]string{
			runtime.Div: "division by zero", runtime.FloorDiv: "integer division or modulo by zero", runtime.Mod: "integer modulo by zero",
		}
		return nil, runtime.Errorf(runtime.ZeroDivisionError, "%s", text[op])
	}
	if op == runtime.Div {
		return runtime.Float(ratio(x, y)), nil
	}
	q, m := new(big.Int).QuoRem(x, y, new(big.Int))
	if m.Sign() != 0 && (m.Sign() < 0) != (y.Sign() < 0) { // Python floors
		q.Sub(q, big.NewInt(1))
		m.Add(m, y)
	}
	if op == runtime.Mod {
		return newDelta(m)
	}
	return runtime.NewBigInt(q), nil
}

// withRatio multiplies with num/den or divides by it.
func (d *delta) withRatio(op runtime.Op, num, den *big.Int, reflected bool) (value, error) {
	n := d.total()
	switch {
	case op == runtime.Mul:
		return newDelta(divideNearest(n.Mul(n, num), den))
	case reflected || op != runtime.Div && op != runtime.FloorDiv:
		return nil, nil
	case num.Sign() == 0:
		return nil, runtime.Errorf(runtime.ZeroDivisionError, "integer division or modulo by zero")
	case op == runtime.Div:
		return newDelta(divideNearest(n.Mul(n, den), num))
	}
	q, m := n.QuoRem(n, num, new(big.Int))
	if m.Sign() != 0 && (m.Sign() < 0) != (num.Sign() < 0) {
		q.Sub(q, big.NewInt(1))
	}
	return newDelta(q)
}

// UnaryOp is -d and +d.
func (d *delta) UnaryOp(_ *thread, op rune) (value, error) {
	switch op {
	case runtime.Neg:
		return newDelta(new(big.Int).Neg(d.total()))
	case runtime.Plus:
		return d, nil
	}
	return nil, nil
}

// CompareTo orders by length.
func (d *delta) CompareTo(_ *thread, op runtime.CmpOp, other value) (value, error) {
	o, ok := other.(*delta)
	if !ok {
		return nil, nil
	}
	return runtime.NewBool(op.Holds(d.compare(o))), nil
}

func (d *delta) compare(o *delta) int {
	return cmp.Or(cmp.Compare(d.days, o.days), cmp.Compare(d.micros, o.micros))
}

// HashValue is the hash of days, seconds and microseconds.
func (d *delta) HashValue(th *thread) (int64, error) {
	return runtime.Hash(th, runtime.NewTuple(
		runtime.NewInt(d.days), runtime.NewInt(d.micros/microsPerSecond), runtime.NewInt(d.micros%microsPerSecond)))
}

// Truth is false for no time at all.
func (d *delta) Truth(*thread) (bool, error) { return *d != delta{}, nil }

// Repr is the constructor's call.
func (d *delta) Repr(*thread) (string, error) { return d.repr(), nil }

func (d *delta) repr() string {
	var parts []string
	for _, p := range []struct {
		name string
		n    int64
	}{{"days", d.days}, {"seconds", d.micros / microsPerSecond}, {"microseconds", d.micros % microsPerSecond}} {
		if p.n != 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", p.name, p.n))
		}
	}
	if parts == nil {
		parts = []string{"0"}
	}
	return "datetime.timedelta(" + strings.Join(parts, ", ") + ")"
}

// Str is as in "1 day, 2:03:04.000005".
func (d *delta) Str(*thread) (string, error) {
	text := ""
	if d.days != 0 {
		plural := "s"
		if d.days == 1 || d.days == -1 {
			plural = ""
		}
		text = fmt.Sprintf("%d day%s, ", d.days, plural)
	}
	seconds, micros := d.micros/microsPerSecond, d.micros%microsPerSecond
	text += fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	if micros != 0 {
		text += fmt.Sprintf(".%06d", micros)
	}
	return text, nil
}
