package aggregator

import (
	"maps"
	"math/big"
	"slices"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// measure adds up one measure over the whole run.
type measure struct {
	count, failed int64
	sum           exact
	min, max      float64
	times         *histogram.Histogram
}

// exact is a sum of floats without rounding, so that it does not depend on the order in which they come.
type exact struct{ sum big.Float }

// exactBits are enough for every sum of floats of 64 bits: 2⁻¹⁰⁷⁴ to 2¹⁰²⁴, and 64 bits for their number.
const exactBits = 1074 + 1024 + 64

func (e *exact) add(v float64) {
	var term big.Float
	e.sum.SetPrec(exactBits)
	e.sum.Add(&e.sum, term.SetFloat64(v))
}

// value returns the float next to the sum.
func (e *exact) value() float64 {
	v, _ := e.sum.Float64()
	return v
}

func (a *account) mergeMeasure(r load.MeasureReport, times *histogram.Histogram) {
	m, ok := a.measures[r.MeasureName]
	if !ok {
		m = &measure{min: r.Min, max: r.Max, times: histogram.New()}
		a.measures[r.MeasureName] = m
	}
	m.count += r.Count
	m.failed += r.Failed
	m.sum.add(r.Sum)
	m.min, m.max = min(m.min, r.Min), max(m.max, r.Max)
	m.times.Merge(times)
}

// measureResults returns the measures by kind and name, in a run that has lasted for some seconds.
func (a *account) measureResults(secs float64) []load.MeasureResult {
	out := []load.MeasureResult{}
	for _, name := range slices.SortedFunc(maps.Keys(a.measures), load.MeasureName.Compare) {
		m := a.measures[name]
		r := load.MeasureResult{Kind: name.Kind, Name: name.Name}
		switch name.Kind {
		case load.MeasureCounter:
			r.Count, r.Total = m.count, m.sum.value()
			if secs > 0 {
				r.PerSec = r.Total / secs
			}
		case load.MeasureEvent:
			r.Count, r.Failed, r.ErrorRatePct, r.Times = m.count, m.failed, percent(m.failed, m.count), load.NewDistribution(m.times)
		case load.MeasureGauge:
			r.Count, r.Min, r.Max, r.Mean = m.count, m.min, m.max, m.sum.value()/float64(m.count)
		case load.MeasureRequest:
			r.Requests, r.Errors, r.ErrorRatePct, r.Response = m.count, m.failed, percent(m.failed, m.count), load.NewDistribution(m.times)
		}
		out = append(out, r)
	}
	return out
}
