package stdlib

import (
	"cmp"
	"maps"
	"math"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// moment is datetime.datetime.
type moment struct {
	wall int64 // microseconds of the wall clock since 0000-12-31, so that a day's are ordinal*microsPerDay
	tz   *zone
	fold int
}

var momentClass = runtime.Constructor(runtime.NewNativeSubclass(dateClass, "datetime", "datetime.datetime", momentMembers()), makeMoment)

const (
	firstMoment = 1 * microsPerDay
	lastMoment  = (maxOrdinal+1)*microsPerDay - 1
	epochWall   = (daysBefore1970 + 1) * microsPerDay
)

// Class implements runtime.Value.
func (*moment) Class() *runtime.Class { return momentClass }

// clock is the wall clock.
func (m *moment) clock() time.Time { return time.UnixMicro(m.wall - epochWall).UTC() }

// newMoment refuses what lies outside the years 1 to 9999.
func newMoment(wall int64, tz *zone, fold int) (value, error) {
	if wall < firstMoment || wall > lastMoment {
		return nil, runtime.Errorf(runtime.OverflowError, "date value out of range")
	}
	return &moment{wall, tz, fold}, nil
}

// momentAt shows an instant in a zone; a nil one is that of the machine, and the
// result has none.
func momentAt(t time.Time, z *zone) (value, error) {
	fold := 0
	if z != nil {
		t = t.UTC().Add(time.Duration(z.offset) * time.Microsecond)
	} else {
		t, fold = local(t)
	}
	ordinal, err := dateOf(t)
	if err != nil {
		return nil, err
	}
	return &moment{ordinal*microsPerDay + microsInDay(t), z, fold}, nil
}

func microsInDay(t time.Time) int64 {
	return int64(t.Hour()*3600+t.Minute()*60+t.Second())*microsPerSecond + int64(t.Nanosecond()/1000)
}

// local is t in the machine's zone; fold is 1 in the second pass of an hour that a
// change of the clocks repeats.
func local(t time.Time) (time.Time, int) {
	t = t.In(time.Local) //nolint:gosmopolitan // naive times are those of the machine's zone
	before := t.Add(-24 * time.Hour)
	_, now := t.Zone()
	_, then := before.Zone()
	if then > now {
		earlier := t.Add(-time.Duration(then-now) * time.Second)
		if _, offset := earlier.Zone(); offset == then {
			return t, 1
		}
	}
	return t, 0
}

// instant is m as seconds and microseconds since 1970; without a zone it is taken as
// the machine's local time.
func (m *moment) instant() int64 {
	since := m.wall - epochWall
	if m.tz != nil {
		return since - m.tz.offset
	}
	seconds := floorDiv(since, microsPerSecond)
	return localSeconds(seconds, m.fold)*microsPerSecond + since - seconds*microsPerSecond
}

// localSeconds finds the instant at which local clocks show wall, both in seconds since
// 1970. Of two, fold chooses; of none, it gives what the clocks would have shown
// before the change, or with fold after it.
func localSeconds(wall int64, fold int) int64 {
	offset := func(at int64) int64 {
		_, n := time.Unix(at, 0).In(time.Local).Zone() //nolint:gosmopolitan // naive times are those of the machine's zone
		return int64(n)
	}
	shift := int64(-secondsPerDay)
	if fold != 0 {
		shift = -shift
	}
	first := offset(wall)
	one := wall - first
	second := offset(one + shift)
	if offset(one) == first {
		if second == first {
			return one
		}
	} else {
		second = offset(one)
	}
	two := wall - second
	switch {
	case offset(two) == second:
		return two
	case offset(one) == first:
		return one
	case fold != 0:
		return min(one, two)
	}
	return max(one, two)
}

var (
	momentNames      = append([]string{"year", "month", "day"}, clockNames...)
	momentParameters = &parameters{names: momentNames, positional: 8, required: 3}
	replaceMoment    = &parameters{function: "replace", names: momentNames, positional: 8}
	isoformatMoment  = &parameters{function: "isoformat", names: []string{"sep", "timespec"}, positional: 2}
	nowParameters    = &parameters{function: "now", names: []string{"tz"}, positional: 1}
	zoneParameters   = &parameters{function: "astimezone", names: []string{"tz"}, positional: 1}
	fromParameters   = &parameters{function: "fromtimestamp", names: []string{"timestamp", "tz"}, positional: 2, required: 1}
	combineParams    = &parameters{function: "combine", names: []string{"date", "time", "tzinfo"}, positional: 3, required: 2}
)

func makeMoment(_ *thread, _ *runtime.Class, a args) (value, error) {
	vals, err := momentParameters.bind(a)
	if err != nil {
		return nil, err
	}
	return momentFrom(vals, [3]int{}, midnight)
}

func momentFrom(vals []value, date [3]int, time *clock) (value, error) {
	d, err := dateFrom(vals[:3], date)
	if err != nil {
		return nil, err
	}
	c, err := clockFrom(vals[3:], time)
	if err != nil {
		return nil, err
	}
	return &moment{d.(*day).ordinal*microsPerDay + c.micros, c.tz, c.fold}, nil
}

func momentMembers() runtime.Members {
	m := clockParts()
	maps.Copy(m, momentMakers())
	raw := func(name string, p *parameters, f func(m *moment, vals []value) (value, error)) {
		m[name] = runtime.NewRaw(name, func(_ *thread, a args) (value, error) {
			vals, err := p.bind(args{Vals: a.Vals[1:], Names: a.Names})
			if err != nil {
				return nil, err
			}
			return f(a.Vals[0].(*moment), vals)
		})
	}
	plain := func(name string, f func(m *moment) (value, error)) {
		m[name] = method(name+"(self, /)", func(_ *thread, self value, _ []value) (value, error) { return f(self.(*moment)) })
	}
	m["min"], m["max"], m["resolution"] = &moment{wall: firstMoment}, &moment{wall: lastMoment}, &delta{micros: 1}
	raw("replace", replaceMoment, func(m *moment, vals []value) (value, error) {
		return momentFrom(vals, dateParts(m.clock()), timeOfDay(m))
	})
	raw("isoformat", isoformatMoment, func(m *moment, vals []value) (value, error) {
		sep := "T"
		if vals[0] != nil {
			var ok bool
			if sep, ok = runtime.AsStr(vals[0]); !ok || len([]rune(sep)) != 1 {
				return nil, runtime.Errorf(runtime.TypeError, "isoformat() argument 1 must be a unicode character, not %s", typeName(vals[0]))
			}
		}
		text, err := timeOfDay(m).text(vals[1], 2)
		return runtime.Str((&day{m.wall / microsPerDay}).text() + sep + text), err
	})
	raw("astimezone", zoneParameters, (*moment).inZone)
	plain("date", func(m *moment) (value, error) { return &day{m.wall / microsPerDay}, nil })
	plain("time", func(m *moment) (value, error) { return &clock{m.wall % microsPerDay, nil, m.fold}, nil })
	plain("timetz", func(m *moment) (value, error) { return timeOfDay(m), nil })
	plain("timestamp", func(m *moment) (value, error) { return runtime.Float(float64(m.instant()) / microsPerSecond), nil })
	plain("timetuple", func(m *moment) (value, error) { return newStructTime(m.clock(), -1), nil })
	plain("utctimetuple", func(m *moment) (value, error) {
		at := m.wall
		if m.tz != nil {
			at -= m.tz.offset
		}
		u, err := newMoment(at, nil, 0)
		if err != nil {
			return nil, err
		}
		return newStructTime(u.(*moment).clock(), 0), nil
	})
	return m
}

// momentMakers are the class methods.
func momentMakers() runtime.Members {
	raw := func(p *parameters, f func(vals []value) (value, error)) value {
		return &runtime.StaticMethod{Fn: runtime.NewRaw(p.function, func(_ *thread, a args) (value, error) {
			vals, err := p.bind(a)
			if err != nil {
				return nil, err
			}
			return f(vals)
		})}
	}
	return runtime.Members{
		"now": raw(nowParameters, func(vals []value) (value, error) {
			z, err := zoneArgument(vals[0])
			if err != nil {
				return nil, err
			}
			return momentAt(time.Now(), z)
		}),
		"today":  classMethod("today()", func(*thread, args) (value, error) { return momentAt(time.Now(), nil) }),
		"utcnow": classMethod("utcnow()", func(*thread, args) (value, error) { return naive(momentAt(time.Now(), utc)) }),
		"fromtimestamp": raw(fromParameters, func(vals []value) (value, error) {
			t, err := timestampArgument(vals[0])
			if err != nil {
				return nil, err
			}
			z, err := zoneArgument(vals[1])
			if err != nil {
				return nil, err
			}
			return momentAt(t, z)
		}),
		"utcfromtimestamp": classMethod("utcfromtimestamp(timestamp, /)", func(_ *thread, a args) (value, error) {
			t, err := timestampArgument(a.Vals[0])
			if err != nil {
				return nil, err
			}
			return naive(momentAt(t, utc))
		}),
		"combine": raw(combineParams, combineParts),
		"fromordinal": classMethod("fromordinal(ordinal, /)", func(_ *thread, a args) (value, error) {
			d, err := dayOfOrdinal(a.Vals[0])
			if err != nil {
				return nil, err
			}
			return &moment{wall: d.(*day).ordinal * microsPerDay}, nil
		}),
		"fromisocalendar": &runtime.StaticMethod{Fn: runtime.NewRaw("fromisocalendar", func(th *thread, a args) (value, error) {
			d, err := dateOfWeek(th, a)
			if err != nil {
				return nil, err
			}
			return &moment{wall: d.(*day).ordinal * microsPerDay}, nil
		})},
		"fromisoformat": classMethod("fromisoformat(text, /)", func(_ *thread, a args) (value, error) {
			text, err := isoArgument(a.Vals[0])
			if err != nil {
				return nil, err
			}
			return parseISOMoment(text)
		}),
		"strptime": &runtime.StaticMethod{Fn: runtime.NewRaw("strptime", parseMoment)},
	}
}

// naive drops the zone.
func naive(v value, err error) (value, error) {
	if err != nil {
		return nil, err
	}
	m := *v.(*moment)
	m.tz = nil
	return &m, nil
}

func combineParts(vals []value) (value, error) {
	var ordinal int64
	switch d := vals[0].(type) {
	case *day:
		ordinal = d.ordinal
	case *moment:
		ordinal = d.wall / microsPerDay
	default:
		return nil, runtime.Errorf(runtime.TypeError, "combine() argument 1 must be datetime.date, not %s", typeName(d))
	}
	c, ok := vals[1].(*clock)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "combine() argument 2 must be datetime.time, not %s", typeName(vals[1]))
	}
	m := &moment{ordinal*microsPerDay + c.micros, c.tz, c.fold}
	if vals[2] != nil {
		z, err := zoneArgument(vals[2])
		if err != nil {
			return nil, err
		}
		m.tz = z
	}
	return m, nil
}

// inZone is astimezone.
func (m *moment) inZone(vals []value) (value, error) {
	z, err := zoneArgument(vals[0])
	if err != nil {
		return nil, err
	}
	if z != nil && z == m.tz {
		return m, nil
	}
	at := m.instant()
	if z == nil {
		name, offset := time.UnixMicro(at).In(time.Local).Zone() //nolint:gosmopolitan // without an argument it is the machine's zone
		z = &zone{offset: int64(offset) * microsPerSecond, name: name, named: true}
	}
	wall := at + epochWall
	if _, err := newMoment(wall, nil, 0); err != nil {
		return nil, err
	}
	return newMoment(wall+z.offset, z, 0)
}

// Str is the ISO form with a space.
func (m *moment) Str(*thread) (string, error) {
	text, err := timeOfDay(m).text(nil, 1)
	return (&day{m.wall / microsPerDay}).text() + " " + text, err
}

// Repr is the constructor's call.
func (m *moment) Repr(th *thread) (string, error) {
	date, err := (&day{m.wall / microsPerDay}).Repr(th)
	if err != nil {
		return "", err
	}
	c := timeOfDay(m)
	text, err := c.Repr(th)
	return "datetime.datetime" + date[len("datetime.date"):len(date)-1] + ", " + text[len("datetime.time("):], err
}

// Format is format(m, spec).
func (m *moment) Format(th *thread, spec string) (string, error) { return formatted(th, m, spec) }

// universal is the instant of a moment with a zone, the wall clock of one without.
func (m *moment) universal() int64 {
	if m.tz != nil {
		return m.wall - m.tz.offset
	}
	return m.wall
}

// HashValue makes equal moments equal keys.
func (m *moment) HashValue(th *thread) (int64, error) {
	return runtime.Hash(th, runtime.NewTuple(runtime.NewInt(m.universal())))
}

// BinaryOp adds and subtracts a timedelta, or gives that between two moments.
func (m *moment) BinaryOp(_ *thread, op runtime.Op, other value, reflected bool) (value, error) {
	switch o := other.(type) {
	case *delta:
		if o.days > maxOrdinal || o.days < -maxOrdinal {
			if op == runtime.Add || op == runtime.Sub && !reflected {
				return newMoment(math.MaxInt64, nil, 0)
			}
			return nil, nil
		}
		span := o.days*microsPerDay + o.micros
		switch {
		case op == runtime.Add:
			return newMoment(m.wall+span, m.tz, 0)
		case op == runtime.Sub && !reflected:
			return newMoment(m.wall-span, m.tz, 0)
		}
	case *moment:
		if op != runtime.Sub || reflected {
			return nil, nil
		}
		switch {
		case (m.tz == nil) != (o.tz == nil):
			return nil, runtime.Errorf(runtime.TypeError, "can't subtract offset-naive and offset-aware datetimes")
		case m.tz == o.tz:
			return deltaOfMicros(m.wall - o.wall), nil
		}
		return deltaOfMicros(m.universal() - o.universal()), nil
	}
	return nil, nil
}

// CompareTo orders moments that both have a zone or both have none.
func (m *moment) CompareTo(_ *thread, op runtime.CmpOp, other value) (value, error) {
	switch o := other.(type) {
	case *moment:
		if (m.tz == nil) == (o.tz == nil) {
			return runtime.NewBool(op.Holds(cmp.Compare(m.universal(), o.universal()))), nil
		}
		if op == runtime.Eq {
			return runtime.False, nil
		}
		return nil, runtime.Errorf(runtime.TypeError, "can't compare offset-naive and offset-aware datetimes")
	case *day:
		return mixed(op)
	}
	return nil, nil
}
