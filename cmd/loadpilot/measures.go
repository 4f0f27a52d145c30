package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/charmbracelet/x/ansi"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// How many measures a summary and the picture of a running test show, and how much of their names, in columns.
const (
	summaryMeasures = 20
	liveMeasures    = 5
	measureWidth    = 40
)

// measureLines shows the first measures and whatever has no line of its own name, a line each, and how many more there are.
// label writes what a line is about.
func measureLines(all []load.MeasureResult, most int, label func(string) string) []string {
	shown := slices.Clone(all[:min(most, len(all))])
	for _, m := range all[len(shown):] {
		if m.Name == load.MeasureOther {
			shown = append(shown, m)
		}
	}
	names, width := make([]string, len(shown)), 0
	for i, m := range shown {
		names[i] = ansi.Truncate(terminal.Printable(m.Name), measureWidth, "…")
		width = max(width, ansi.StringWidth(names[i]))
	}
	var lines []string
	for i, m := range shown {
		lines = append(lines, label(measureLabel(m.Kind))+terminal.Pad(names[i], width)+"  "+measureText(m))
	}
	if more := len(all) - len(shown); more > 0 {
		lines = append(lines, label("")+fmt.Sprintf("and %d more measures", more))
	}
	return lines
}

func measureLabel(kind load.MeasureKind) string {
	switch kind {
	case load.MeasureCounter:
		return "Counter"
	case load.MeasureEvent:
		return "Event"
	case load.MeasureGauge:
		return "Gauge"
	case load.MeasureRequest:
		return "Request"
	default:
		return terminal.Printable(string(kind))
	}
}

func measureText(m load.MeasureResult) string {
	switch m.Kind {
	case load.MeasureCounter:
		return fmt.Sprintf("%s, %s/s", quantity(m.Total), quantity(m.PerSec))
	case load.MeasureGauge:
		return fmt.Sprintf("min %s   mean %s   max %s", quantity(m.Min), quantity(m.Mean), quantity(m.Max))
	case load.MeasureEvent:
		return timedText(m.Count, m.Failed, m.ErrorRatePct, m.Times)
	default:
		return timedText(m.Requests, m.Errors, m.ErrorRatePct, m.Response)
	}
}

func timedText(n, failed int64, rate float64, d load.Distribution) string {
	ms := figures(d.Count > 0)
	return fmt.Sprintf("%s, %s failed (%s%%), p50 %s   p95 %s   p99 %s", terminal.Count(n), terminal.Count(failed), terminal.Number(rate),
		ms(d.P50Ms), ms(d.P95Ms), ms(d.P99Ms))
}

// quantity writes a number of anything: whole ones in full.
func quantity(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) <= load.MaxMeasure {
		return terminal.Count(int64(v))
	}
	return terminal.Number(v)
}
