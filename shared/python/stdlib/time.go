package stdlib

import (
	"math"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func newTime(Host) *runtime.Module {
	start := time.Now()
	seconds := func(name string, f func() time.Duration) *runtime.Native {
		return define(name+"()", func(*thread, args) (value, error) { return runtime.Float(f().Seconds()), nil })
	}
	nanos := func(name string, f func() time.Duration) *runtime.Native {
		return define(name+"()", func(*thread, args) (value, error) { return runtime.NewInt(int64(f())), nil })
	}
	epoch := func() time.Duration { return time.Duration(time.Now().UnixNano()) }
	running := func() time.Duration { return time.Since(start) }
	m := members(
		seconds("time", epoch), nanos("time_ns", epoch),
		seconds("monotonic", running), nanos("monotonic_ns", running),
		seconds("perf_counter", running), nanos("perf_counter_ns", running),
		seconds("process_time", running),
		define("sleep(seconds, /)", sleep),
		define("strftime(format, t=None, /)", func(_ *thread, a args) (value, error) {
			layout, ok := runtime.AsStr(a.Vals[0])
			if !ok {
				return nil, runtime.Errorf(runtime.TypeError, "strftime() argument 1 must be str, not %s", a.Vals[0].Class().Name)
			}
			t := time.Now()
			if st, ok := a.Vals[1].(*structTime); ok {
				t = st.t
			}
			return runtime.Str(Strftime(t, layout)), nil
		}),
		define("gmtime(seconds=None, /)", func(_ *thread, a args) (value, error) { return timeTuple(a.Vals[0], time.UTC) }),
		define("localtime(seconds=None, /)", func(_ *thread, a args) (value, error) { return timeTuple(a.Vals[0], time.Local) }), //nolint:gosmopolitan // localtime() is about the zone of the machine
	)
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
	}
	timer := time.NewTimer(time.Duration(min(s, maxSleep) * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return runtime.None, nil
	case <-th.Context().Done():
		return nil, th.Cancelled()
	}
}

// structTime is time.struct_time: nine numbers.
type structTime struct {
	*runtime.Tuple
	t time.Time
}

var structTimeClass = runtime.NewNativeClass("time", "struct_time", structTimeMembers())

func structTimeMembers() runtime.Members {
	m := runtime.Members{}
	for i, name := range []string{"tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst"} {
		m[name] = &runtime.Getter{Name: name, Get: func(_ *thread, self value) (value, error) { return self.(*structTime).Items[i], nil }}
	}
	return m
}

// Class implements runtime.Value.
func (*structTime) Class() *runtime.Class { return structTimeClass }

// Iter yields the nine numbers.
func (s *structTime) Iter(th *thread) (runtime.Iterator, error) { return runtime.Iter(th, s.Tuple) }

// GetItem is one of the nine numbers.
func (s *structTime) GetItem(th *thread, key value) (value, error) {
	return runtime.GetItem(th, s.Tuple, key)
}

func timeTuple(seconds value, zone *time.Location) (value, error) {
	t := time.Now().In(zone)
	if seconds != runtime.None {
		s, ok := runtime.AsFloat(seconds)
		if !ok || math.Abs(s) > maxSleep {
			return nil, runtime.Errorf(runtime.ValueError, "timestamp out of range for platform time_t")
		}
		t = time.Unix(0, 0).Add(time.Duration(s * float64(time.Second))).In(zone)
	}
	dst := 0
	if t.IsDST() {
		dst = 1
	}
	var vs []value
	for _, n := range []int{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), (int(t.Weekday()) + 6) % 7, t.YearDay(), dst} {
		vs = append(vs, runtime.NewInt(int64(n)))
	}
	return &structTime{runtime.NewTuple(vs...), t}, nil
}
