package stdlib

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// clock is datetime.time.
type clock struct {
	micros int64 // since midnight
	tz     *zone
	fold   int
}

var clockClass = runtime.Constructor(runtime.NewNativeClass("datetime", "datetime.time", clockMembers()), makeClock)

// Class implements runtime.Value.
func (*clock) Class() *runtime.Class { return clockClass }

// microsOf checks the parts of a time of the day.
func microsOf(hour, minute, second, micro int) (int64, error) {
	for _, p := range []struct {
		name   string
		n, end int
	}{{"hour", hour, 24}, {"minute", minute, 60}, {"second", second, 60}, {"microsecond", micro, microsPerSecond}} {
		if p.n < 0 || p.n >= p.end {
			return 0, runtime.Errorf(runtime.ValueError, "%s must be in 0..%d", p.name, p.end-1)
		}
	}
	return int64(hour*3600+minute*60+second)*microsPerSecond + int64(micro), nil
}

// clockFrom makes a time of its four numbers, tzinfo and fold; omitted ones are those
// of def.
func clockFrom(vals []value, def *clock) (*clock, error) {
	n := [4]int{int(def.micros / (3600 * microsPerSecond)), int(def.micros / (60 * microsPerSecond) % 60), int(def.micros / microsPerSecond % 60), int(def.micros % microsPerSecond)}
	var err error
	for i := range n {
		if n[i], err = cInt(vals[i], n[i]); err != nil {
			return nil, err
		}
	}
	c := &clock{tz: def.tz}
	if c.fold, err = cInt(vals[5], def.fold); err != nil {
		return nil, err
	}
	if c.micros, err = microsOf(n[0], n[1], n[2], n[3]); err != nil {
		return nil, err
	}
	if c.fold < 0 || c.fold > 1 {
		return nil, runtime.Errorf(runtime.ValueError, "fold must be either 0 or 1")
	}
	if vals[4] != nil {
		c.tz, err = zoneArgument(vals[4])
	}
	return c, err
}

var (
	clockNames      = []string{"hour", "minute", "second", "microsecond", "tzinfo", "fold"}
	clockParameters = &parameters{names: clockNames, positional: 5}
	replaceClock    = &parameters{function: "replace", names: clockNames, positional: 5}
	isoformatClock  = &parameters{function: "isoformat", names: []string{"timespec"}, positional: 1}
	midnight        = &clock{}
)

func makeClock(_ *thread, _ *runtime.Class, a args) (value, error) {
	vals, err := clockParameters.bind(a)
	if err != nil {
		return nil, err
	}
	c, err := clockFrom(vals, midnight)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// timeOfDay is the clock of a time or a datetime.
func timeOfDay(v value) *clock {
	if m, ok := v.(*moment); ok {
		return &clock{m.wall % microsPerDay, m.tz, m.fold}
	}
	return v.(*clock)
}

// clockParts are the attributes of times and datetimes.
func clockParts() runtime.Members {
	m := runtime.Members{}
	for name, get := range map[string]func(c *clock) value{
		"hour":        func(c *clock) value { return runtime.NewInt(c.micros / (3600 * microsPerSecond)) },
		"minute":      func(c *clock) value { return runtime.NewInt(c.micros / (60 * microsPerSecond) % 60) },
		"second":      func(c *clock) value { return runtime.NewInt(c.micros / microsPerSecond % 60) },
		"microsecond": func(c *clock) value { return runtime.NewInt(c.micros % microsPerSecond) },
		"tzinfo":      func(c *clock) value { return zoneValue(c.tz) },
		"fold":        func(c *clock) value { return runtime.NewInt(int64(c.fold)) },
	} {
		m[name] = &runtime.Getter{Name: name, Get: func(_ *thread, self value) (value, error) { return get(timeOfDay(self)), nil }}
	}
	for name, get := range map[string]func(z *zone) value{
		"utcoffset": func(z *zone) value { return deltaOfMicros(z.offset) },
		"tzname":    func(z *zone) value { return runtime.Str(z.text()) },
		"dst":       func(*zone) value { return runtime.None },
	} {
		m[name] = method(name+"(self, /)", func(_ *thread, self value, _ []value) (value, error) {
			if z := timeOfDay(self).tz; z != nil {
				return get(z), nil
			}
			return runtime.None, nil
		})
	}
	return m
}

func clockMembers() runtime.Members {
	m := clockParts()
	m["min"], m["max"], m["resolution"] = midnight, &clock{micros: microsPerDay - 1}, &delta{micros: 1}
	m["strftime"], m["__format__"] = formatMethod("strftime"), formatMethod("__format__")
	m["isoformat"] = runtime.NewRaw("isoformat", func(_ *thread, a args) (value, error) {
		vals, err := isoformatClock.bind(args{Vals: a.Vals[1:], Names: a.Names})
		if err != nil {
			return nil, err
		}
		text, err := a.Vals[0].(*clock).text(vals[0], 1)
		return runtime.Str(text), err
	})
	m["replace"] = runtime.NewRaw("replace", func(_ *thread, a args) (value, error) {
		vals, err := replaceClock.bind(args{Vals: a.Vals[1:], Names: a.Names})
		if err != nil {
			return nil, err
		}
		c, err := clockFrom(vals, a.Vals[0].(*clock))
		if err != nil {
			return nil, err
		}
		return c, nil
	})
	m["fromisoformat"] = classMethod("fromisoformat(text, /)", func(_ *thread, a args) (value, error) {
		text, err := isoArgument(a.Vals[0])
		if err != nil {
			return nil, err
		}
		c, ok, err := parseISOTime(strings.TrimPrefix(text, "T"))
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, badISO(text)
		}
		return c, nil
	})
	return m
}

// text is the ISO form; timespec is argument number i, nil when omitted.
func (c *clock) text(timespec value, i int) (string, error) {
	spec := "auto"
	if timespec != nil {
		var err error
		if spec, err = textArgument("isoformat", i, timespec); err != nil {
			return "", err
		}
	}
	if spec == "auto" {
		spec = "microseconds"
		if c.micros%microsPerSecond == 0 {
			spec = "seconds"
		}
	}
	seconds, micros := c.micros/microsPerSecond, c.micros%microsPerSecond
	text := fmt.Sprintf("%02d", seconds/3600)
	switch spec {
	case "hours":
	case "minutes":
		text += fmt.Sprintf(":%02d", seconds/60%60)
	case "seconds", "milliseconds", "microseconds":
		text += fmt.Sprintf(":%02d:%02d", seconds/60%60, seconds%60)
	default:
		return "", runtime.Errorf(runtime.ValueError, "Unknown timespec value")
	}
	switch spec {
	case "milliseconds":
		text += fmt.Sprintf(".%03d", micros/1000)
	case "microseconds":
		text += fmt.Sprintf(".%06d", micros)
	}
	return text + c.tz.iso(":"), nil
}

// Str is the ISO form.
func (c *clock) Str(*thread) (string, error) { return c.text(nil, 1) }

// Repr is the constructor's call.
func (c *clock) Repr(*thread) (string, error) {
	seconds := c.micros / microsPerSecond
	return fmt.Sprintf("datetime.time(%d, %d%s", seconds/3600, seconds/60%60, c.tail()), nil
}

// tail is the end of a repr: what is not zero.
func (c *clock) tail() string {
	text := ""
	seconds, micros := c.micros/microsPerSecond%60, c.micros%microsPerSecond
	if seconds != 0 || micros != 0 {
		text += fmt.Sprintf(", %d", seconds)
	}
	if micros != 0 {
		text += fmt.Sprintf(", %d", micros)
	}
	if c.fold != 0 {
		text += ", fold=1"
	}
	if c.tz != nil {
		text += ", tzinfo=" + c.tz.repr()
	}
	return text + ")"
}

// Format is format(c, spec).
func (c *clock) Format(th *thread, spec string) (string, error) { return formatted(th, c, spec) }

// universal is the time at UTC, which may lie outside the day.
func (c *clock) universal() int64 {
	if c.tz != nil {
		return c.micros - c.tz.offset
	}
	return c.micros
}

// HashValue makes equal times equal keys.
func (c *clock) HashValue(th *thread) (int64, error) {
	return runtime.Hash(th, runtime.NewTuple(runtime.NewInt(c.universal())))
}

// CompareTo orders times that both have a zone or both have none.
func (c *clock) CompareTo(_ *thread, op runtime.CmpOp, other value) (value, error) {
	o, ok := other.(*clock)
	if !ok {
		return nil, nil
	}
	if (c.tz == nil) != (o.tz == nil) {
		if op == runtime.Eq {
			return runtime.False, nil
		}
		return nil, runtime.Errorf(runtime.TypeError, "can't compare offset-naive and offset-aware times")
	}
	return runtime.NewBool(op.Holds(cmp.Compare(c.universal(), o.universal()))), nil
}
