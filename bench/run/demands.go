package main

import (
	"fmt"
	"math"
	"slices"
)

// demand is something LoadPilot is held to.
type demand struct {
	scene string
	what  string
	// figure is taken of row, and divided by that of the row against if there is one.
	row, against string
	figure       func(sample) float64
	most         bool // limit is the most that will do; else the least
	limit        float64
}

var demands = []demand{
	{"static-15k", "started of 15,000 a second, %", loadpilot, "", sample.startedPercent, false, heldShare},
	{"static-15k", "CPU a request, against fortio", loadpilot, fortio, sample.cpuPerRequest, true, 1.4},
	{"static-50k", "started of 50,000 a second, %", loadpilot, "", sample.startedPercent, false, heldShare},
	{"static-50k", "CPU a request, against fortio", loadpilot, fortio, sample.cpuPerRequest, true, 1.4},
	{"static-maximum", "started of 80,000 a second, %", loadpilotAt80k, "", sample.startedPercent, false, heldShare},
	{"static-maximum", "lag p99 at 80,000 a second, ms", loadpilotAt80k, "", sample.lagHigh, true, heldLag},
	{"closed-loop", "requests a second, against wrk", closed, wrk, sample.requestRate, false, 0.7},
	{"closed-loop", "CPU a request, against wrk", closed, wrk, sample.cpuPerRequest, true, 1.43},
	{"closed-loop", "memory, MiB", closed, "", sample.mebibytes, true, 60},
	{"scripted-5k", "started of 5,000 a second, %", loadpilot, "", sample.startedPercent, false, heldShare},
	{"scripted-5k", "CPU a request, against k6", loadpilot, k6, sample.cpuPerRequest, true, 0.2},
	{"scripted-maximum", "highest held rate, against k6", loadpilot, k6, sample.heldRate, false, 5},
	{"small", "started of the plan, %", loadpilot, "", sample.startedPercent, false, 100},
	{"small", "lag p50, ms", loadpilot, "", sample.lagMedian, true, 0.2},
	{"small", "memory, MiB", loadpilot, "", sample.mebibytes, true, 60},
	{"batch", "request rate, batch against static task", fiveBatch, oneStatic, sample.heldRate, false, 0.97},
	{"batch", "request rate, batch against one after the other", fiveBatch, fiveSequential, sample.heldRate, false, 1.45},
	{"batch", "the same with 32 users", scarceBatch, scarceSequential, sample.heldRate, false, 1.45},
}

// outcome is a demand with what was measured.
type outcome struct {
	demand

	value float64 // NaN if there is none, which meets nothing
}

// weigh looks at a demand with the samples of its scene.
func (d demand) weigh(all measured) outcome {
	values := each(all[d.row], d.figure)
	if d.against != "" {
		for i, v := range each(all[d.against], d.figure) {
			values[i] = ratio(values[i], v)
		}
	}
	return outcome{demand: d, value: median(values)}
}

// met says whether the demand is met.
func (o outcome) met() bool {
	if o.most {
		return o.value <= o.limit
	}
	return o.value >= o.limit
}

// verdict says in words whether the demand is met and how much there was to spare, or is missing.
func (o outcome) verdict() string {
	if math.IsNaN(o.value) {
		return "**not met**: nothing was measured"
	}
	off := math.Abs(o.value-o.limit) / o.limit * 100
	text := fmt.Sprintf("%.2g %%", off)
	if off >= 1 {
		text = fmt.Sprintf("%.0f %%", off)
	}
	if o.met() {
		return "met, " + text + " to spare"
	}
	return "**not met**, " + text + " off"
}

// wanted is the limit in words.
func (o outcome) wanted() string {
	if o.most {
		return fmt.Sprintf("at most %g", o.limit)
	}
	return fmt.Sprintf("at least %g", o.limit)
}

// each takes a figure of each sample.
func each(samples []sample, figure func(sample) float64) []float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = figure(s)
	}
	return values
}

// median returns the middle of the values, or the mean of the two in the middle; NaN if there are none or one is NaN.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values)) // NaN first
	n := len(sorted)
	if n == 0 || math.IsNaN(sorted[0]) {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// ratio is a / b, NaN where nothing can be said.
func ratio(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}
