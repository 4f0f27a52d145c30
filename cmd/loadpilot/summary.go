package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// topErrors is how many classes of errors a summary shows.
const topErrors = 5

// writeSummary writes what a run came to, for people. kept is the file that holds all of it, if there is one.
func writeSummary(w io.Writer, r load.Result, kept string) error {
	p := terminal.NewPalette(w)
	var b strings.Builder
	elapsed := r.DurationSecs
	if r.Warmup != nil {
		elapsed += r.Warmup.DurationSecs
	}
	fmt.Fprintf(&b, "%s — %s  %s after %s  %s\n", p.Title.Render("LoadPilot"), terminal.Printable(r.Scenario), terminal.Printable(string(r.State)), clock(elapsed), terminal.Printable(r.TargetURL))
	if r.Reason != "" {
		fmt.Fprintf(&b, "  %s\n", p.Warn.Render(terminal.Printable(r.Reason)))
	}
	if r.Ledger.Started > 0 {
		writeNumbers(&b, r, p)
	}
	writeThresholds(&b, r, p)
	writeKnee(&b, r.KneePoint, p)
	writeErrors(&b, r, p)
	writeIncidents(&b, r.Incidents, p)
	l := r.Ledger
	fmt.Fprintf(&b, "\nLedger: %s planned = %s started − %s repeated + %s dropped + %s lost + %s never issued + %s cancelled\n",
		terminal.Count(l.Planned), terminal.Count(l.Started), terminal.Count(l.Repeated), terminal.Count(l.Dropped), terminal.Count(l.Lost), terminal.Count(l.NeverIssued), terminal.Count(l.Cancelled))
	if l.Unfinished > 0 {
		fmt.Fprintf(&b, "  %s of the started iterations did not finish\n", terminal.Count(l.Unfinished))
	}
	if w := r.Warmup; w != nil {
		fmt.Fprintf(&b, "Warm-up: %ss, %s planned, %s started, %s requests, %s failed, p99 %s, in no other number\n", terminal.Number(w.DurationSecs),
			terminal.Count(w.Ledger.Planned), terminal.Count(w.Ledger.Started), terminal.Count(w.Requests), terminal.Count(w.Errors), figures(w.Response.Count > 0)(w.Response.P99Ms))
	}
	level := p.Good
	switch r.Trust.Level {
	case load.TrustUntrusted:
		level = p.Bad
	case load.TrustDegraded:
		level = p.Warn
	case load.TrustTrusted:
	}
	fmt.Fprintf(&b, "Trust: %s\n", level.Render(terminal.Printable(string(r.Trust.Level))))
	for _, reason := range r.Trust.Reasons {
		fmt.Fprintf(&b, "  %s\n", terminal.Printable(reason))
	}
	if kept != "" {
		fmt.Fprintln(&b, p.Faint.Render("Result: "+kept))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeNumbers(b *strings.Builder, r load.Result, p terminal.Palette) {
	label := func(text string) string { return p.Faint.Render(fmt.Sprintf("  %-12s", text)) }
	fmt.Fprintf(b, "%s%s started, %.1f/s of %s/s at the peak\n", label("Iterations"), terminal.Count(r.Ledger.Started), r.RPSActual, terminal.Number(r.RPSTarget))
	if len(r.Changes) > 0 {
		fmt.Fprintf(b, "%s%s\n", label("Changed"), changesText(r.Changes))
	}
	fmt.Fprintf(b, "%s%s, %.1f/s, %s failed (%s%%)\n", label("Requests"),
		terminal.Count(r.RequestsTotal), r.RequestsPerSec, terminal.Count(r.ErrorsTotal), terminal.Number(r.ErrorRatePct))
	for _, d := range []struct {
		name   string
		always bool
		load.Distribution
	}{{"Response", true, r.Response}, {"Service", true, r.Service}, {"Failed", false, r.Failed}, {"Lag", false, r.Lag}} {
		if !d.always && d.Count == 0 {
			continue
		}
		ms := figures(d.Count > 0)
		fmt.Fprintf(b, "%sp50 %s   p95 %s   p99 %s   max %s\n", label(d.name),
			ms(d.P50Ms), ms(d.P95Ms), ms(d.P99Ms), ms(d.MaxMs))
	}
	writeConnections(b, r, label)
	if s := r.Setup; s.Requests > 0 {
		fmt.Fprintf(b, "%s%s started, %s, p99 %s, in no other number\n", label("Setup"), counted(s.Users, "user"),
			counted(s.Requests, "request"), figures(s.Response.Count > 0)(s.Response.P99Ms))
	}
	if len(r.Tasks) > 1 {
		width := 0
		for _, t := range r.Tasks {
			width = max(width, utf8.RuneCountInString(terminal.Printable(t.Task)))
		}
		for _, t := range r.Tasks {
			fmt.Fprintf(b, "%s%-*s  %s iterations, %s requests, %s failed, p99 %s\n", label("Task"), width, terminal.Printable(t.Task),
				terminal.Count(t.Iterations), terminal.Count(t.Requests), terminal.Count(t.Errors), figures(t.Response.Count > 0)(t.Response.P99Ms))
		}
	}
	for _, line := range measureLines(r.Measures, summaryMeasures, label) {
		fmt.Fprintln(b, line)
	}
	if r.Partial {
		fmt.Fprintf(b, "%s%s\n", label(""), p.Warn.Render(fmt.Sprintf(
			"more than %d names: the numbers of those that the file does not have literally may be partial, the rest is in other", load.MaxMeasures)))
	}
}

// writeConnections writes what was not plain reuse of connections, and the parts of the times if some say more than the whole.
func writeConnections(b *strings.Builder, r load.Result, label func(string) string) {
	c := r.Connections
	if c.Opened+c.Failed+c.ClosedIdle > 0 {
		fmt.Fprintf(b, "%s%s opened, %s reused", label("Connections"), terminal.Count(c.Opened), terminal.Count(c.Reused))
		if c.Failed > 0 {
			fmt.Fprintf(b, ", %s failed, of which %s refused", terminal.Count(c.Failed), terminal.Count(c.Refused))
		}
		if c.ClosedIdle > 0 {
			fmt.Fprintf(b, ", %s closed by the server while idle", terminal.Count(c.ClosedIdle))
		}
		b.WriteByte('\n')
	}
	if c.DNS.Count+c.Connect.Count+c.TLS.Count == 0 && c.Transfer.P99Ms < notableTransfer*r.Service.P99Ms {
		return
	}
	var parts []string
	for _, part := range []struct {
		name string
		load.Distribution
	}{{"DNS", c.DNS}, {"connect", c.Connect}, {"TLS", c.TLS}, {"first byte", c.FirstByte}, {"transfer", c.Transfer}} {
		if part.P99Ms > 0 {
			parts = append(parts, part.name+" "+terminal.Millis(part.P99Ms))
		}
	}
	if len(parts) > 0 {
		fmt.Fprintf(b, "%sp99 of %s\n", label("Parts"), strings.Join(parts, "   "))
	}
}

// notableTransfer is from which share of the service time on the transfer of bodies is worth a line.
const notableTransfer = 0.1

// writeThresholds writes the table of thresholds and what else the verdict says.
func writeThresholds(b *strings.Builder, r load.Result, p terminal.Palette) {
	v := r.Verdict
	if len(v.Thresholds) > 0 {
		fmt.Fprintln(b, "\n"+p.Title.Render("Thresholds"))
	}
	width, breached := 0, 0
	for _, t := range v.Thresholds {
		width = max(width, utf8.RuneCountInString(thresholdName(t.Key)))
	}
	for _, t := range v.Thresholds {
		mark := p.Good.Render("✓")
		if !t.Passed {
			mark = p.Bad.Render("✗")
			breached++
		}
		fmt.Fprintf(b, "  %s  %-*s  %s\n", mark, width, thresholdName(t.Key), thresholdText(r, t))
	}
	switch {
	case breached == 0 && len(v.Thresholds) > 0:
		fmt.Fprintln(b, "All thresholds passed.")
	case breached == 1:
		fmt.Fprintln(b, p.Bad.Render("1 threshold was breached."))
	case breached > 1:
		fmt.Fprintln(b, p.Bad.Render(fmt.Sprintf("%d thresholds were breached.", breached)))
	}
	for _, reason := range v.Reasons {
		fmt.Fprintln(b, p.Bad.Render("Failed: "+terminal.Printable(reason)))
	}
}

// thresholdText says what came of a threshold.
func thresholdText(r load.Result, t load.ThresholdResult) string {
	switch {
	case !reported(r, t.Key):
		return "was never reported"
	case t.Aborted:
		return comparison(t) + ", whose breach ended the run"
	default:
		return comparison(t)
	}
}

// reported reports whether the result has what a threshold is about: the run, a task, or a measure of which there is a report.
func reported(r load.Result, key string) bool {
	scope, _ := splitKey(key)
	return scope == "" || slices.ContainsFunc(r.Tasks, func(t load.TaskResult) bool { return t.Task == scope }) ||
		slices.ContainsFunc(r.Measures, func(m load.MeasureResult) bool { return m.Name == scope })
}

// thresholdName is a threshold's key in words: "p99 latency", "browse p95 service time", "orders count".
func thresholdName(key string) string {
	scope, metric := splitKey(terminal.Printable(key))
	if scope != "" {
		scope += " "
	}
	if windowed, ok := strings.CutSuffix(metric, "]"); ok {
		name, window, _ := strings.Cut(windowed, "[")
		metric, scope = name, "worst "+window+" of "+scope
	}
	switch metric {
	case "error_rate":
		return scope + "error rate"
	case "rps_min":
		return scope + "rate"
	}
	if name, ok := strings.CutPrefix(metric, "service_"); ok {
		return scope + strings.TrimSuffix(name, "_ms") + " service time"
	}
	if name, ok := strings.CutSuffix(metric, "_ms"); ok {
		return scope + name + " latency"
	}
	return scope + strings.TrimSuffix(metric, "_min")
}

// splitKey takes a threshold's key apart into the name of a task or measure, which may be empty, and the metric.
func splitKey(key string) (scope, metric string) {
	colon := strings.LastIndexByte(key, ':')
	return key[:max(0, colon)], key[colon+1:]
}

// writeKnee writes the steps of a step profile, and which was the last that was held.
func writeKnee(b *strings.Builder, k *load.KneePoint, p terminal.Palette) {
	if k == nil || len(k.Steps) == 0 {
		return
	}
	fmt.Fprintln(b, "\n"+p.Title.Render("Steps"))
	width := 0
	for _, s := range k.Steps {
		width = max(width, len(terminal.Number(s.RPS)))
	}
	for _, s := range k.Steps {
		mark := p.Good.Render("✓")
		if !s.Held {
			mark = p.Bad.Render("✗")
		}
		line := fmt.Sprintf("  %s  %*s/s  p50 %s   p95 %s   p99 %s   errors %s%%  %s", mark, width, terminal.Number(s.RPS),
			terminal.Millis(s.P50Ms), terminal.Millis(s.P95Ms), terminal.Millis(s.P99Ms), terminal.Number(s.ErrorRatePct), terminal.Printable(s.Why))
		fmt.Fprintln(b, strings.TrimRight(line, " "))
	}
	switch k.Step {
	case 0:
		fmt.Fprintln(b, p.Bad.Render("Knee: not even the first step was held."))
	case k.TotalSteps:
		fmt.Fprintln(b, "Knee: none, every step was held.")
	default:
		fmt.Fprintf(b, "Knee: step %d of %d, %s/s, was the last that was held.\n", k.Step, k.TotalSteps, terminal.Number(k.RPS))
	}
}

// comparison states what is true of the value and the limit: "243ms < 500ms" on a pass, "612ms ≥ 500ms" on a breach, "no data"
// where nothing was measured, so that the value, 0, says nothing.
func comparison(t load.ThresholdResult) string {
	unit, holds, breaks := "", "<", "≥"
	_, metric := splitKey(t.Key)
	metric, _, _ = strings.Cut(metric, "[")
	switch {
	case strings.HasSuffix(metric, "_ms"):
		unit = "ms"
	case metric == "error_rate":
		unit = "%"
	case metric == "rps_min":
		unit = " RPS"
	case strings.HasPrefix(metric, "rate"):
		unit = "/s"
	}
	if (load.Threshold{Metric: metric}).Floor() {
		holds, breaks = breaks, holds
	}
	relation := breaks
	below := t.Value < t.Limit
	if below == (holds == "<") {
		relation = holds
	}
	if !t.Passed && !t.Aborted && relation == holds {
		return "no data"
	}
	value, limit := terminal.Number(t.Value), terminal.Number(t.Limit)
	if value == limit && t.Value != t.Limit { // rounded, they would contradict the relation
		value, limit = exact(t.Value), exact(t.Limit)
	}
	return value + unit + " " + relation + " " + limit + unit
}

// writeErrors writes the most frequent errors, each with a sample, and what went wrong in setup.
func writeErrors(b *strings.Builder, r load.Result, p terminal.Palette) {
	errors := slices.Clone(r.Errors)
	slices.SortStableFunc(errors, func(x, y load.ErrorResult) int { return int(y.Count - x.Count) })
	if len(errors) > 0 {
		fmt.Fprintln(b, "\n"+p.Title.Render("Errors"))
	}
	for i, e := range errors {
		if i == topErrors {
			fmt.Fprintf(b, "  and %d more kinds\n", len(errors)-topErrors)
			break
		}
		fmt.Fprintf(b, "  %s  %s\n", terminal.Pad(p.Bad.Render(terminal.Count(e.Count)+"×"), 8), terminal.Printable(e.Class))
		if len(e.Samples) > 0 {
			writeSample(b, e.Samples[0])
		}
	}
	if s := r.Setup; s.Failed > 0 {
		fmt.Fprintf(b, "\n%s\n  %s users started, %s attempts failed\n", p.Title.Render("Setup"), terminal.Count(s.Users), terminal.Count(s.Failed))
		if len(s.Samples) > 0 {
			writeSample(b, s.Samples[0])
		}
	}
}

// writeIncidents writes what befell the run on its way.
func writeIncidents(b *strings.Builder, incidents []load.Incident, p terminal.Palette) {
	if len(incidents) == 0 {
		return
	}
	fmt.Fprintln(b, "\n"+p.Title.Render("Incidents"))
	for _, i := range incidents[:min(summaryIncidents, len(incidents))] {
		fmt.Fprintf(b, "  %s\n", incidentLine(i, p))
	}
	if more := len(incidents) - summaryIncidents; more > 0 {
		fmt.Fprintf(b, "  and %d more\n", more)
	}
}

func writeSample(b *strings.Builder, s load.ErrorSample) {
	place := terminal.Printable(s.Task)
	if s.Iteration >= 0 {
		place = fmt.Sprintf("%s, iteration %d, second %d", place, s.Iteration, s.Second)
	}
	if s.Status > 0 {
		place += fmt.Sprintf(", status %d", s.Status)
	}
	fmt.Fprintf(b, "            %s\n", place)
	for line := range strings.Lines(strings.TrimRight(terminal.Printable(s.Message), "\n")) {
		fmt.Fprintf(b, "            %s\n", strings.TrimRight(line, "\n"))
	}
}

func exact(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// figures returns what writes the figures of a distribution: millis, or a dash for each if there are no values behind them.
func figures(some bool) func(ms float64) string {
	if some {
		return terminal.Millis
	}
	return func(float64) string { return "–" }
}
