package stdlib

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

const (
	minYear    = 1
	maxYear    = 9999
	maxOrdinal = 3_652_059 // of 9999-12-31
)

// day is datetime.date: days since 0000-12-31, so that the first of year 1 is 1.
type day struct{ ordinal int64 }

var dateClass = runtime.Constructor(runtime.NewNativeClass("datetime", "datetime.date", dateMembers()), makeDate)

var isoCalendarClass = newRecordClass("datetime", "datetime.IsoCalendarDate", "datetime.IsoCalendarDate", "year", "week", "weekday")

// daysBefore1970 is the ordinal of 1969-12-31.
const daysBefore1970 = 719_162

// date is midnight of the day.
func (d *day) date() time.Time { return time.Unix((d.ordinal-daysBefore1970-1)*secondsPerDay, 0).UTC() }

// ordinalOf is the day of a wall clock.
func ordinalOf(t time.Time) int64 {
	_, offset := t.Zone()
	return floorDiv(t.Unix()+int64(offset), secondsPerDay) + daysBefore1970 + 1
}

// Class implements runtime.Value.
func (*day) Class() *runtime.Class { return dateClass }

// checkDate is the ordinal of a date.
func checkDate(year, month, dayOfMonth int) (int64, error) {
	switch {
	case year < minYear || year > maxYear:
		return 0, runtime.Errorf(runtime.ValueError, "year %d is out of range", year)
	case month < 1 || month > 12:
		return 0, runtime.Errorf(runtime.ValueError, "month must be in 1..12")
	}
	t := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	if dayOfMonth < 1 || dayOfMonth > t.AddDate(0, 1, -1).Day() {
		return 0, runtime.Errorf(runtime.ValueError, "day is out of range for month")
	}
	return ordinalOf(t) + int64(dayOfMonth) - 1, nil
}

func newDay(ordinal int64) (value, error) {
	if ordinal < 1 || ordinal > maxOrdinal {
		return nil, runtime.Errorf(runtime.OverflowError, "date value out of range")
	}
	return &day{ordinal}, nil
}

// dateOf is the wall clock's date, an error outside the years 1 to 9999.
func dateOf(t time.Time) (int64, error) {
	if t.Year() < minYear || t.Year() > maxYear {
		return 0, runtime.Errorf(runtime.ValueError, "year %d is out of range", t.Year())
	}
	return ordinalOf(t), nil
}

var dateParameters = &parameters{names: []string{"year", "month", "day"}, positional: 3, required: 3}

func makeDate(_ *thread, _ *runtime.Class, a args) (value, error) {
	vals, err := dateParameters.bind(a)
	if err != nil {
		return nil, err
	}
	return dateFrom(vals, [3]int{})
}

// dateFrom makes a date of three arguments, of which omitted ones are as in def.
func dateFrom(vals []value, def [3]int) (value, error) {
	n := def
	for i := range n {
		var err error
		if n[i], err = cInt(vals[i], def[i]); err != nil {
			return nil, err
		}
	}
	ordinal, err := checkDate(n[0], n[1], n[2])
	if err != nil {
		return nil, err
	}
	return &day{ordinal}, nil
}

// onDate makes members for what dates and datetimes have in common.
func onDate(signature string, f func(th *thread, t time.Time, a []value) (value, error)) *runtime.Native {
	return method(signature, func(th *thread, self value, a []value) (value, error) { return f(th, wallClock(self), a) })
}

// wallClock is a date or datetime without its zone.
func wallClock(v value) time.Time {
	if m, ok := v.(*moment); ok {
		return m.clock()
	}
	return v.(*day).date()
}

// datePart is an attribute of dates and datetimes.
func datePart(name string, get func(t time.Time) int) *runtime.Getter {
	return &runtime.Getter{Name: name, Get: func(_ *thread, self value) (value, error) {
		return runtime.NewInt(int64(get(wallClock(self)))), nil
	}}
}

func classMethod(signature string, f runtime.NativeFunc) value {
	return &runtime.StaticMethod{Fn: define(signature, f)}
}

func dateMembers() runtime.Members {
	return runtime.Members{
		"min": &day{1}, "max": &day{maxOrdinal}, "resolution": &delta{days: 1},
		"year":  datePart("year", time.Time.Year),
		"month": datePart("month", func(t time.Time) int { return int(t.Month()) }),
		"day":   datePart("day", time.Time.Day),
		"weekday": onDate("weekday(self, /)", func(_ *thread, t time.Time, _ []value) (value, error) {
			return runtime.NewInt(int64(weekday(t))), nil
		}),
		"isoweekday": onDate("isoweekday(self, /)", func(_ *thread, t time.Time, _ []value) (value, error) {
			return runtime.NewInt(int64(weekday(t) + 1)), nil
		}),
		"toordinal": onDate("toordinal(self, /)", func(_ *thread, t time.Time, _ []value) (value, error) {
			return runtime.NewInt(ordinalOf(t)), nil
		}),
		"isocalendar": onDate("isocalendar(self, /)", func(_ *thread, t time.Time, _ []value) (value, error) {
			year, week := t.ISOWeek()
			return newRecord(isoCalendarClass, runtime.NewInt(int64(year)), runtime.NewInt(int64(week)), runtime.NewInt(int64(weekday(t)+1))), nil
		}),
		"ctime": onDate("ctime(self, /)", func(_ *thread, t time.Time, _ []value) (value, error) {
			return runtime.Str(t.Format("Mon Jan _2 15:04:05 2006")), nil
		}),
		"timetuple": onDate("timetuple(self, /)", func(_ *thread, t time.Time, _ []value) (value, error) { return newStructTime(t, -1), nil }),
		"isoformat": method("isoformat(self, /)", func(_ *thread, self value, _ []value) (value, error) { return runtime.Str(self.(*day).text()), nil }),
		"strftime":  formatMethod("strftime"), "__format__": formatMethod("__format__"),
		"replace":         runtime.NewRaw("replace", replaceDate),
		"today":           classMethod("today()", func(*thread, args) (value, error) { return &day{ordinalOf(time.Now())}, nil }),
		"fromordinal":     classMethod("fromordinal(ordinal, /)", func(_ *thread, a args) (value, error) { return dayOfOrdinal(a.Vals[0]) }),
		"fromisocalendar": &runtime.StaticMethod{Fn: runtime.NewRaw("fromisocalendar", dateOfWeek)},
		"fromisoformat": classMethod("fromisoformat(text, /)", func(_ *thread, a args) (value, error) {
			text, err := isoArgument(a.Vals[0])
			if err != nil {
				return nil, err
			}
			ordinal, ok, err := parseISODate(text)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, badISO(text)
			}
			return &day{ordinal}, nil
		}),
		"fromtimestamp": classMethod("fromtimestamp(timestamp, /)", func(_ *thread, a args) (value, error) {
			t, err := timestampArgument(a.Vals[0])
			if err != nil {
				return nil, err
			}
			ordinal, err := dateOf(t.In(time.Local)) //nolint:gosmopolitan // a date is that of the machine's zone
			if err != nil {
				return nil, err
			}
			return &day{ordinal}, nil
		}),
	}
}

// formatMethod is strftime or __format__ of dates, times and datetimes.
func formatMethod(name string) *runtime.Native {
	p := &parameters{function: name, names: []string{"format"}, positional: 1, required: 1}
	return runtime.NewRaw(name, func(th *thread, a args) (value, error) {
		self := a.Vals[0]
		vals, err := p.bind(args{Vals: a.Vals[1:], Names: a.Names})
		if err != nil {
			return nil, err
		}
		layout, err := textArgument(name, 1, vals[0])
		if err != nil {
			return nil, err
		}
		if name == "__format__" && layout == "" {
			s, err := runtime.ToStr(th, self)
			return runtime.Str(s), err
		}
		return formatOf(self).charged(th, layout)
	})
}

// formatOf is what strftime shows of a date, time or datetime.
func formatOf(v value) timeFormat {
	f := timeFormat{micros: true}
	var z *zone
	switch v := v.(type) {
	case *day:
		f.t = v.date()
	case *moment:
		f.t, z = v.clock(), v.tz
	case *clock:
		f.t, z = time.UnixMicro(v.micros).UTC().AddDate(-70, 0, 0), v.tz // of 1900-01-01
	}
	if z != nil {
		f.zone, f.offset = z.text(), z.iso("")
	}
	return f
}

// formatted is format(v, spec).
func formatted(th *thread, v value, spec string) (string, error) {
	if spec == "" {
		return runtime.ToStr(th, v)
	}
	s, err := formatOf(v).charged(th, spec)
	if err != nil {
		return "", err
	}
	return string(s.(runtime.Str)), nil
}

var replaceDateParameters = &parameters{function: "replace", names: []string{"year", "month", "day"}, positional: 3}

func replaceDate(_ *thread, a args) (value, error) {
	vals, err := replaceDateParameters.bind(args{Vals: a.Vals[1:], Names: a.Names})
	if err != nil {
		return nil, err
	}
	return dateFrom(vals, dateParts(wallClock(a.Vals[0])))
}

func dateParts(t time.Time) [3]int { return [3]int{t.Year(), int(t.Month()), t.Day()} }

func dayOfOrdinal(v value) (value, error) {
	n, err := cInt(v, 0)
	switch {
	case err != nil:
		return nil, err
	case n < 1:
		return nil, runtime.Errorf(runtime.ValueError, "ordinal must be >= 1")
	case n > maxOrdinal:
		return nil, runtime.Errorf(runtime.ValueError, "year %d is out of range", (&day{int64(n)}).date().Year())
	}
	return &day{int64(n)}, nil
}

var isoCalendarParameters = &parameters{function: "fromisocalendar", names: []string{"year", "week", "day"}, positional: 3, required: 3}

func dateOfWeek(_ *thread, a args) (value, error) {
	vals, err := isoCalendarParameters.bind(a)
	if err != nil {
		return nil, err
	}
	var n [3]int
	for i := range n {
		if n[i], err = cInt(vals[i], 0); err != nil {
			return nil, err
		}
	}
	ordinal, err := isoWeekDay(n[0], n[1], n[2])
	if err != nil {
		return nil, err
	}
	if ordinal > maxOrdinal {
		return nil, runtime.Errorf(runtime.ValueError, "year %d is out of range", maxYear+1)
	}
	return &day{ordinal}, nil
}

// isoWeekDay is the ordinal of a day of an ISO week.
func isoWeekDay(year, week, dayOfWeek int) (int64, error) {
	if year < minYear || year > maxYear {
		return 0, runtime.Errorf(runtime.ValueError, "Year is out of range: %d", year)
	}
	first := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // is in week 1
	weeks := 52
	if _, last := time.Date(year, 12, 28, 0, 0, 0, 0, time.UTC).ISOWeek(); last == 53 {
		weeks = last
	}
	if week < 1 || week > weeks {
		return 0, runtime.Errorf(runtime.ValueError, "Invalid week: %d", week)
	}
	if dayOfWeek < 1 || dayOfWeek > 7 {
		return 0, runtime.Errorf(runtime.ValueError, "Invalid day: %d (range is [1, 7])", dayOfWeek)
	}
	return ordinalOf(first) - int64(weekday(first)) + int64((week-1)*7+dayOfWeek-1), nil
}

// maxTimestamp is beyond any year that can be named, in seconds.
const maxTimestamp = 1 << 55

// timestampArgument reads seconds since 1970, rounded to microseconds, half to even.
func timestampArgument(v value) (time.Time, error) {
	tooLong := func() error {
		return runtime.Errorf(runtime.OverflowError, "timestamp out of range for platform time_t")
	}
	if f, ok := v.(runtime.Float); ok {
		whole, part := math.Modf(float64(f))
		switch {
		case math.IsNaN(whole):
			return time.Time{}, runtime.Errorf(runtime.ValueError, "Invalid value NaN (not a number)")
		case math.Abs(whole) > maxTimestamp:
			return time.Time{}, tooLong()
		}
		return time.Unix(int64(whole), int64(math.RoundToEven(part*1e6))*1000).UTC(), nil
	}
	n, err := runtime.Index(v)
	if err != nil {
		if e := runtime.AsException(err); e.IsA(runtime.OverflowError) {
			return time.Time{}, tooLong()
		}
		return time.Time{}, err
	}
	if n > maxTimestamp || n < -maxTimestamp {
		return time.Time{}, tooLong()
	}
	return time.Unix(n, 0).UTC(), nil
}

func (d *day) text() string {
	t := d.date()
	return fmt.Sprintf("%04d-%02d-%02d", t.Year(), t.Month(), t.Day())
}

// Str is the ISO form.
func (d *day) Str(*thread) (string, error) { return d.text(), nil }

// Repr is the constructor's call.
func (d *day) Repr(*thread) (string, error) {
	t := d.date()
	return fmt.Sprintf("datetime.date(%d, %d, %d)", t.Year(), t.Month(), t.Day()), nil
}

// Format is format(d, spec).
func (d *day) Format(th *thread, spec string) (string, error) { return formatted(th, d, spec) }

// HashValue makes equal dates equal keys.
func (d *day) HashValue(th *thread) (int64, error) {
	return runtime.Hash(th, runtime.NewTuple(runtime.NewInt(d.ordinal)))
}

// BinaryOp adds and subtracts whole days of a timedelta, or gives that between two dates.
func (d *day) BinaryOp(_ *thread, op runtime.Op, other value, reflected bool) (value, error) {
	switch o := other.(type) {
	case *delta:
		switch {
		case op == runtime.Add:
			return newDay(d.ordinal + o.days)
		case op == runtime.Sub && !reflected:
			return newDay(d.ordinal - o.days)
		}
	case *day:
		if op == runtime.Sub && !reflected {
			return &delta{days: d.ordinal - o.ordinal}, nil
		}
	}
	return nil, nil
}

// CompareTo orders dates; a datetime is no date here, though its class is below.
func (d *day) CompareTo(_ *thread, op runtime.CmpOp, other value) (value, error) {
	switch o := other.(type) {
	case *day:
		return runtime.NewBool(op.Holds(cmp.Compare(d.ordinal, o.ordinal))), nil
	case *moment:
		return mixed(op)
	}
	return nil, nil
}

// mixed compares a date with a datetime.
func mixed(op runtime.CmpOp) (value, error) {
	if op == runtime.Eq {
		return runtime.False, nil
	}
	return nil, runtime.Errorf(runtime.TypeError, "can't compare datetime.datetime to datetime.date")
}
