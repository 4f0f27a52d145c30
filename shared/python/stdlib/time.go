package stdlib

import (
	"math"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func newTime(Host) *runtime.Module {
	start := time.Now()
	seconds := func(name string, f func() time.Duration) *runtime.Native {
		return define(name+"(/)", func(*thread, args) (value, error) { return runtime.Float(f().Seconds()), nil })
	}
	nanos := func(name string, f func() time.Duration) *runtime.Native {
		return define(name+"(/)", func(*thread, args) (value, error) { return runtime.NewInt(int64(f())), nil })
	}
	epoch := func() time.Duration { return time.Duration(time.Now().UnixNano()) }
	running := func() time.Duration { return time.Since(start) }
	m := members(
		seconds("time", epoch), nanos("time_ns", epoch),
		seconds("monotonic", running), nanos("monotonic_ns", running),
		seconds("perf_counter", running), nanos("perf_counter_ns", running),
		seconds("process_time", running), nanos("process_time_ns", running),
		seconds("thread_time", running), nanos("thread_time_ns", running),
		define("sleep(seconds, /)", sleep),
		define("strftime(format, t=None, /)", func(th *thread, a args) (value, error) {
			layout, err := textArgument("strftime", 1, a.Vals[0])
			if err != nil {
				return nil, err
			}
			f, err := tupleFormat(th, "strftime", a.Vals[1])
			if err != nil {
				return nil, err
			}
			return f.charged(th, layout)
		}),
		define("asctime(t=None, /)", func(th *thread, a args) (value, error) {
			f, err := tupleFormat(th, "asctime", a.Vals[0])
			return runtime.Str(f.text("%a %b %e %H:%M:%S %Y")), err
		}),
		define("ctime(seconds=None, /)", func(_ *thread, a args) (value, error) {
			t, err := secondsArgument(a.Vals[0])
			return runtime.Str(zonedFormat(t.Local(), false).text("%a %b %e %H:%M:%S %Y")), err //nolint:gosmopolitan // ctime is about the zone of the machine
		}),
		define("mktime(t, /)", makeTime),
		define("gmtime(seconds=None, /)", func(th *thread, a args) (value, error) { return zonedTuple(th, a.Vals[0], time.UTC, "GMT") }),
		define("localtime(seconds=None, /)", func(th *thread, a args) (value, error) { return zonedTuple(th, a.Vals[0], time.Local, "") }), //nolint:gosmopolitan // localtime is about the zone of the machine
		define("strptime(string, format='%a %b %d %H:%M:%S %Y', /)", parseTimeTuple),
	)
	m["struct_time"] = structTimeClass
	return runtime.NewModule("time", m)
}

// maxSleep keeps seconds within a time.Duration.
const maxSleep = float64(math.MaxInt64 / int64(time.Second))

// sleep hears the cancel of its invocation.
func sleep(th *thread, a args) (value, error) {
	s, ok := runtime.AsFloat(a.Vals[0])
	switch {
	case !ok:
		return nil, runtime.Errorf(runtime.TypeError, "'%s' object cannot be interpreted as an integer", a.Vals[0].Class().Name)
	case s < 0:
		return nil, runtime.Errorf(runtime.ValueError, "sleep length must be non-negative")
	case math.IsNaN(s):
		return nil, runtime.Errorf(runtime.ValueError, "Invalid value NaN (not a number)")
	case s > maxSleep:
		return nil, runtime.Errorf(runtime.OverflowError, "timestamp out of range for platform time_t")
	}
	th.StepAside()
	timer := time.NewTimer(time.Duration(s * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return runtime.None, nil
	case <-th.Context().Done():
		return nil, th.Cancelled()
	}
}

// structTimeClass has two more attributes, tm_zone and tm_gmtoff, which are no items.
var structTimeClass = runtime.Constructor(newRecordClass("time", "time.struct_time", "time.struct_time",
	"tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst"), makeStructTime)

// timeFields are the items of a struct_time.
const timeFields = 9

func makeStructTime(th *thread, cls *runtime.Class, a args) (value, error) {
	switch {
	case a.NPos() == 0:
		return nil, runtime.Errorf(runtime.TypeError, "structseq() missing required argument 'sequence' (pos 1)")
	case len(a.Vals) > 1:
		return nil, runtime.Errorf(runtime.TypeError, "structseq() takes at most 2 arguments (%d given)", len(a.Vals))
	}
	items, err := runtime.Collect(th, a.Vals[0])
	switch {
	case err != nil && runtime.AsException(err).IsA(runtime.TypeError):
		return nil, runtime.Errorf(runtime.TypeError, "constructor requires a sequence")
	case err != nil:
		return nil, err
	case len(items) < timeFields:
		return nil, runtime.Errorf(runtime.TypeError, "time.struct_time() takes an at least 9-sequence (%d-sequence given)", len(items))
	case len(items) > timeFields+2:
		return nil, runtime.Errorf(runtime.TypeError, "time.struct_time() takes an at most 11-sequence (%d-sequence given)", len(items))
	}
	extra := [2]value{runtime.None, runtime.None}
	copy(extra[:], items[timeFields:])
	return withZone(th, runtime.Instance(cls, runtime.NewTuple(items[:timeFields:timeFields]...)), extra[0], extra[1])
}

// withZone sets the attributes that are no items.
func withZone(th *thread, v, name, offset value) (value, error) {
	if err := runtime.SetAttr(th, v, "tm_zone", name); err != nil {
		return nil, err
	}
	return v, runtime.SetAttr(th, v, "tm_gmtoff", offset)
}

// newStructTime is a wall clock as a tuple; dst is 0, 1 or -1 for unknown.
func newStructTime(t time.Time, dst int) value {
	vs := make([]value, 0, timeFields)
	for _, n := range []int{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), weekday(t), t.YearDay(), dst} {
		vs = append(vs, runtime.NewInt(int64(n)))
	}
	return newRecord(structTimeClass, vs...)
}

// zonedTuple is an instant in a zone; without a name it has that of the zone.
func zonedTuple(th *thread, seconds value, in *time.Location, name string) (value, error) {
	t, err := secondsArgument(seconds)
	if err != nil {
		return nil, err
	}
	t = t.In(in)
	zoneName, offset := t.Zone()
	if name == "" {
		name = zoneName
	}
	dst := 0
	if t.IsDST() {
		dst = 1
	}
	return withZone(th, newStructTime(t, dst), runtime.Str(name), runtime.NewInt(int64(offset)))
}

// maxSeconds keeps years within a C int.
const maxSeconds = 67_768_036_191_676_799

// secondsArgument reads seconds since 1970 and drops their fraction; None is now.
func secondsArgument(v value) (time.Time, error) {
	if v == runtime.None {
		return time.Now(), nil
	}
	var n int64
	if f, ok := v.(runtime.Float); ok {
		switch {
		case math.IsNaN(float64(f)):
			return time.Time{}, runtime.Errorf(runtime.ValueError, "Invalid value NaN (not a number)")
		case math.Abs(float64(f)) >= 1<<63:
			return time.Time{}, runtime.Errorf(runtime.OverflowError, "timestamp out of range for platform time_t")
		}
		n = int64(math.Floor(float64(f)))
	} else {
		var err error
		if n, err = runtime.Index(v); err != nil {
			if runtime.AsException(err).IsA(runtime.OverflowError) {
				err = runtime.Errorf(runtime.OverflowError, "timestamp out of range for platform time_t")
			}
			return time.Time{}, err
		}
	}
	if n > maxSeconds || n < -maxSeconds {
		return time.Time{}, runtime.NewException(runtime.OSError, runtime.NewInt(75), runtime.Str("Value too large for defined data type"))
	}
	return time.Unix(n, 0), nil
}

// tupleFormat is what a function formats: nine numbers, or now in the machine's zone.
// The day of the week and of the year follow from the date.
func tupleFormat(th *thread, function string, v value) (timeFormat, error) {
	if v == runtime.None {
		return zonedFormat(time.Now(), false), nil
	}
	n, err := tupleNumbers(function, v)
	if err != nil {
		return timeFormat{}, err
	}
	for _, c := range []struct {
		what           string
		n, least, most int64
	}{
		{"month", n[1], 0, 12},
		{"day of month", n[2], 0, 31},
		{"hour", n[3], 0, 23},
		{"minute", n[4], 0, 59},
		{"seconds", n[5], 0, 61},
		{"day of week", n[6], -1, math.MaxInt32},
		{"day of year", n[7], 0, 366},
	} {
		if c.n < c.least || c.n > c.most {
			return timeFormat{}, runtime.Errorf(runtime.ValueError, "%s out of range", c.what)
		}
	}
	n[1], n[2] = max(n[1], 1), max(n[2], 1)
	f := zonedFormat(clockOf(n, time.Local), false) //nolint:gosmopolitan // a tuple without a zone is in that of the machine
	name, err := runtime.Find(th, v, "tm_zone")
	if err != nil {
		return timeFormat{}, err
	}
	if text, ok := runtime.AsStr(name); name != nil && ok {
		f.zone = text
		if offset, ok := runtime.AsInt(mustFind(th, v, "tm_gmtoff")); ok {
			f.offset = (&zone{offset: offset * microsPerSecond}).iso("")
		}
	}
	f.t = clockOf(n, time.UTC)
	return f, nil
}

// mustFind is an attribute of a record, None when it is not set.
func mustFind(th *thread, v value, name string) value {
	if found, err := runtime.Find(th, v, name); err == nil && found != nil {
		return found
	}
	return runtime.None
}

func clockOf(n [timeFields]int64, in *time.Location) time.Time {
	return time.Date(int(n[0]), time.Month(n[1]), int(n[2]), int(n[3]), int(n[4]), int(n[5]), 0, in)
}

// tupleNumbers reads a struct_time or a tuple of nine numbers.
func tupleNumbers(function string, v value) (n [timeFields]int64, err error) {
	t, ok := runtime.Data(v).(*runtime.Tuple)
	if !ok {
		return n, runtime.Errorf(runtime.TypeError, "Tuple or struct_time argument required")
	}
	if len(t.Items) != timeFields {
		return n, runtime.Errorf(runtime.TypeError, "%s(): illegal time tuple argument", function)
	}
	for i, item := range t.Items {
		x, err := cInt(item, 0)
		if err != nil {
			return n, err
		}
		n[i] = int64(x)
	}
	return n, nil
}

func makeTime(_ *thread, a args) (value, error) {
	n, err := tupleNumbers("mktime", a.Vals[0])
	if err != nil {
		return nil, err
	}
	return runtime.Float(clockOf(n, time.Local).Unix()), nil //nolint:gosmopolitan // mktime is about the zone of the machine
}
