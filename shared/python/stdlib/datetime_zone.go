package stdlib

import (
	"fmt"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// zone is datetime.timezone: a fixed offset from UTC, the only kind of tzinfo here.
type zone struct {
	offset int64  // microseconds, less than a day of either sign
	name   string // "" for none
	named  bool
}

// utc is timezone.utc.
var utc = &zone{}

var (
	tzinfoClass   = runtime.NewNativeClass("datetime", "datetime.tzinfo", nil)
	timezoneClass = runtime.Constructor(runtime.NewNativeSubclass(tzinfoClass, "datetime", "datetime.timezone", timezoneMembers()), makeZone)
)

func timezoneMembers() runtime.Members {
	const farthest = microsPerDay - 60*microsPerSecond
	about := func(name string, f func(z *zone) value) *runtime.Native {
		return method(name+"(self, dt, /)", func(_ *thread, self value, a []value) (value, error) {
			if _, ok := a[0].(*moment); !ok && a[0] != runtime.None {
				return nil, runtime.Errorf(runtime.TypeError, "%s(dt) argument must be a datetime instance or None, not %s", name, a[0].Class().Name)
			}
			return f(self.(*zone)), nil
		})
	}
	return runtime.Members{
		"utc": utc, "min": &zone{offset: -farthest}, "max": &zone{offset: farthest},
		"utcoffset": about("utcoffset", func(z *zone) value { return deltaOfMicros(z.offset) }),
		"tzname":    about("tzname", func(z *zone) value { return runtime.Str(z.text()) }),
		"dst":       about("dst", func(*zone) value { return runtime.None }),
		"fromutc": method("fromutc(self, dt, /)", func(_ *thread, self value, a []value) (value, error) {
			m, ok := a[0].(*moment)
			if !ok {
				return nil, runtime.Errorf(runtime.TypeError, "fromutc: argument must be a datetime")
			}
			z := self.(*zone)
			if m.tz != z {
				return nil, runtime.Errorf(runtime.ValueError, "fromutc: dt.tzinfo is not self")
			}
			return newMoment(m.wall+z.offset, z, 0)
		}),
	}
}

var timezoneParameters = &parameters{function: "timezone", names: []string{"offset", "name"}, positional: 2, required: 1}

func makeZone(_ *thread, _ *runtime.Class, a args) (value, error) {
	vals, err := timezoneParameters.bind(a)
	if err != nil {
		return nil, err
	}
	d, ok := vals[0].(*delta)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "timezone() argument 1 must be datetime.timedelta, not %s", typeName(vals[0]))
	}
	if vals[1] == nil {
		return newZone(d)
	}
	name, err := textArgument("timezone", 2, vals[1])
	if err != nil {
		return nil, err
	}
	v, err := newZone(d)
	if err != nil {
		return nil, err
	}
	return &zone{offset: v.(*zone).offset, name: name, named: true}, nil
}

func newZone(d *delta) (value, error) {
	if d.days < -1 || d.days > 0 || d.days == -1 && d.micros == 0 {
		return nil, runtime.Errorf(runtime.ValueError,
			"offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not %s.", d.repr())
	}
	if *d == (delta{}) {
		return utc, nil
	}
	return &zone{offset: d.days*microsPerDay + d.micros}, nil
}

// zoneArgument reads a tzinfo argument; nil stands for an omitted one.
func zoneArgument(v value) (*zone, error) {
	if z, ok := v.(*zone); ok {
		return z, nil
	}
	if v == nil || v == runtime.None {
		return nil, nil
	}
	return nil, runtime.Errorf(runtime.TypeError, "tzinfo argument must be None or of a tzinfo subclass, not type '%s'", v.Class().Name)
}

// zoneValue is a zone as scripts see it.
func zoneValue(z *zone) value {
	if z == nil {
		return runtime.None
	}
	return z
}

// Class implements runtime.Value.
func (*zone) Class() *runtime.Class { return timezoneClass }

func (z *zone) text() string {
	if z.named {
		return z.name
	}
	if z.offset == 0 {
		return "UTC"
	}
	return "UTC" + z.iso(":")
}

// iso is the offset as in "+01:00", "" without a zone; seconds and their parts are
// shown when there are any.
func (z *zone) iso(sep string) string {
	if z == nil {
		return ""
	}
	sign, n := "+", z.offset
	if n < 0 {
		sign, n = "-", -n
	}
	seconds, micros := n/microsPerSecond, n%microsPerSecond
	text := fmt.Sprintf("%s%02d%s%02d", sign, seconds/3600, sep, seconds/60%60)
	if seconds%60 != 0 || micros != 0 {
		text += fmt.Sprintf("%s%02d", sep, seconds%60)
	}
	if micros != 0 {
		text += fmt.Sprintf(".%06d", micros)
	}
	return text
}

// Str is the name.
func (z *zone) Str(*thread) (string, error) { return z.text(), nil }

// Repr is the constructor's call.
func (z *zone) Repr(*thread) (string, error) { return z.repr(), nil }

func (z *zone) repr() string {
	switch {
	case z == utc:
		return "datetime.timezone.utc"
	case z.named:
		return "datetime.timezone(" + deltaOfMicros(z.offset).repr() + ", " + runtime.Quote(z.name) + ")"
	}
	return "datetime.timezone(" + deltaOfMicros(z.offset).repr() + ")"
}

// HashValue makes equal zones equal keys.
func (z *zone) HashValue(th *thread) (int64, error) { return deltaOfMicros(z.offset).HashValue(th) }

// CompareTo knows equality alone: that of the offsets.
func (z *zone) CompareTo(_ *thread, op runtime.CmpOp, other value) (value, error) {
	o, ok := other.(*zone)
	if !ok || op != runtime.Eq {
		return nil, nil
	}
	return runtime.NewBool(z.offset == o.offset), nil
}
