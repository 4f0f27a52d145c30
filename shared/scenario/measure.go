package scenario

import (
	"fmt"
	"math"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// measureBytes is what a measure is charged: it takes memory until it is reported, in buffers that grow. A million of them are
// more than one invocation may have.
const measureBytes = 256

// maxEvent is the longest that an event may take, in milliseconds: a day.
const maxEvent = 24 * 60 * 60 * 1000

// event is loadpilot.event(name, ms, ok=True): something that took a time, and succeeded or not.
func event(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
	ms, err := measured("event", "ms", a.Vals[1], 0, maxEvent)
	if err != nil {
		return nil, err
	}
	ok, err := runtime.Truth(th, a.Vals[2])
	if err != nil {
		return nil, err
	}
	return report(th, a.Vals[0], Measure{Kind: load.MeasureEvent, Value: ms, Failed: !ok})
}

// counter is loadpilot.counter(name, value=1): value is added to what the name stands at.
func counter(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
	value, err := measured("counter", "value", a.Vals[1], 0, load.MaxMeasure)
	if err != nil {
		return nil, err
	}
	return report(th, a.Vals[0], Measure{Kind: load.MeasureCounter, Value: value})
}

// gauge is loadpilot.gauge(name, value): what the name stands at.
func gauge(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
	value, err := measured("gauge", "value", a.Vals[1], -load.MaxMeasure, load.MaxMeasure)
	if err != nil {
		return nil, err
	}
	return report(th, a.Vals[0], Measure{Kind: load.MeasureGauge, Value: value})
}

// report hands a measure to the client of the invocation.
func report(th *runtime.Thread, name runtime.Value, m Measure) (runtime.Value, error) {
	inv, ok := th.Host.(*invocation)
	if !ok {
		return nil, runtime.Errorf(runtime.RuntimeError, "%s() works only in on_start, on_stop, tasks and checks", m.Kind)
	}
	var err error
	if m.Name, err = measureName(string(m.Kind), name); err != nil {
		return nil, err
	}
	if err := th.Alloc(measureBytes); err != nil {
		return nil, err
	}
	inv.client.Measure(m)
	return runtime.None, nil
}

// measureName is the name of a measure that a function was given.
func measureName(function string, v runtime.Value) (string, error) {
	name, ok := runtime.AsStr(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "%s(): name must be a str, not %s", function, v.Class().Name)
	}
	if !load.ValidMeasureName(name) {
		return "", runtime.Errorf(runtime.ValueError, "%s(): name must be 1 to %d printable characters", function, load.MaxMeasureName)
	}
	return name, nil
}

// measured is the number that a function was given.
func measured(function, argument string, v runtime.Value, least, most float64) (float64, error) {
	f, ok := runtime.AsFloat(v)
	switch {
	case !ok:
		return 0, runtime.Errorf(runtime.TypeError, "%s(): %s must be a number, not %s", function, argument, v.Class().Name)
	case math.IsNaN(f):
		return 0, runtime.Errorf(runtime.ValueError, "%s(): %s must be a number, not nan", function, argument)
	case f < least || f > most:
		bounds := fmt.Sprintf("%.0f to %.0f", least, most)
		return 0, runtime.Errorf(runtime.ValueError, "%s(): %s must be %s", function, argument, bounds)
	}
	return f, nil
}
