package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// writeInspection writes what is known of a file, for people.
func writeInspection(out io.Writer, found *scenario.Inspection) error {
	p := terminal.NewPalette(out)
	w := &textWriter{out: out}
	for _, f := range found.Findings {
		writeFinding(w, p, found.File, f)
	}
	for _, s := range found.Scenarios {
		writeScenario(w, p, s)
	}
	for _, d := range found.Data {
		w.printf("%s  %s rows: %s\n", p.Title.Render(terminal.Printable(d.Name)), terminal.Count(int64(d.Rows)), terminal.Printable(strings.Join(d.Columns, ", ")))
	}
	if len(found.Data) > 0 {
		w.printf("\n")
	}
	failures, warnings := int64(0), int64(0)
	for _, f := range found.Findings {
		if f.Error {
			failures++
		} else {
			warnings++
		}
	}
	switch {
	case failures > 0:
		w.printf("%s\n", p.Bad.Render(fmt.Sprintf("%s, %s", counted(failures, "error"), counted(warnings, "warning"))))
	case warnings > 0:
		w.printf("%s\n", p.Warn.Render(counted(warnings, "warning")))
	default:
		w.printf("%s\n", p.Good.Render("Nothing wrong was found."))
	}
	return w.err
}

// writeFinding writes a finding as compilers do: the place, the line, a caret.
func writeFinding(w *textWriter, p terminal.Palette, file string, f scenario.Finding) {
	place := file
	if f.Line > 0 {
		place += fmt.Sprintf(":%d", f.Line)
	}
	if f.Col > 0 {
		place += fmt.Sprintf(":%d", f.Col)
	}
	severity := p.Warn.Render("warning")
	if f.Error {
		severity = p.Bad.Render("error")
	}
	w.printf("%s: %s: %s\n", terminal.Printable(place), severity, terminal.Printable(f.Message))
	if text, carets := underlined(f); text != "" {
		w.printf("    %s\n", terminal.Printable(text))
		if carets != "" {
			w.printf("    %s\n", carets)
		}
	}
	if f.Hint != "" {
		w.printf("    %s\n", terminal.Printable(f.Hint))
	}
	if f.Trace != "" {
		w.printf("%s\n", terminal.Printable(f.Trace))
	}
	w.printf("\n")
}

// underlined is the source line of a finding without its indentation, and the carets below it.
func underlined(f scenario.Finding) (text, carets string) {
	text = strings.TrimLeft(f.Text, " \t\f")
	if f.Col < 1 || text == "" {
		return text, ""
	}
	indent := utf8.RuneCountInString(f.Text) - utf8.RuneCountInString(text)
	start := max(f.Col-1-indent, 0)
	n := max(f.EndCol-f.Col, 1)
	return text, strings.Repeat(" ", start) + strings.Repeat("^", n)
}

// writeScenario writes a scenario with its plan and its tasks.
func writeScenario(w *textWriter, p terminal.Palette, s scenario.Summary) {
	w.printf("%s  %s, %s iterations\n", p.Title.Render(terminal.Printable(s.Plan.Scenario)), shapeText(s.Plan.Shape), terminal.Count(s.Iterations))
	if hooks := hooksText(s); hooks != "" {
		w.printf("  hooks      %s\n", hooks)
	}
	width := 0
	for _, t := range s.Tasks {
		width = max(width, utf8.RuneCountInString(terminal.Printable(t.Name)))
	}
	for _, t := range s.Tasks {
		w.printf("  task       %-*s  weight %d, %s%%\n", width, terminal.Printable(t.Name), t.Weight, terminal.Number(t.Share))
		w.printf("             %*s  %s\n", width, "", terminal.Printable(taskText(t)))
		switch {
		case t.Check && t.ReadsBody:
			w.printf("             %*s  %s reads the body\n", width, "", terminal.Printable("check_"+t.Name))
		case t.Check:
			w.printf("             %*s  %s reads the status only\n", width, "", terminal.Printable("check_"+t.Name))
		}
	}
	for _, t := range s.Plan.Thresholds {
		sign := "<"
		if strings.HasSuffix(t.Metric, "min") {
			sign = ">="
		}
		w.printf("  threshold  %s %s %s", terminal.Printable(t.Key()), sign, terminal.Number(t.Limit))
		if t.Abort {
			w.printf(", a breach after %v ends the run", t.Delay)
		}
		w.printf("\n")
	}
	for _, m := range s.Plan.Measures {
		w.printf("  measure    %s (%s)\n", terminal.Printable(m.Name), m.Kind)
	}
	w.printf("\n")
}

func hooksText(s scenario.Summary) string {
	switch {
	case s.Start && s.Stop:
		return "on_start, on_stop"
	case s.Start:
		return "on_start"
	case s.Stop:
		return "on_stop"
	}
	return ""
}

// taskText says whether the requests of a task are the same each time, and why not.
func taskText(t scenario.TaskSummary) string {
	switch {
	case t.Static && len(t.Reads) == 0:
		return "static: its requests are made once"
	case t.Static:
		return "static: its requests are made once a user, from self." + strings.Join(t.Reads, ", self.")
	case t.Reason.Line == 0:
		return "dynamic: " + t.Reason.Text
	}
	return fmt.Sprintf("dynamic: line %d: %s", t.Reason.Line, t.Reason.Text)
}

// shapeText describes a load profile.
func shapeText(s load.Shape) string {
	rate := terminal.Number(s.RPS) + " RPS"
	switch s.Mode {
	case load.ModeRamp:
		return fmt.Sprintf("mode ramp: %s for %v after a ramp of %v", rate, s.Duration, s.RampUp)
	case load.ModeStep:
		return fmt.Sprintf("mode step: %s in %d steps over %v", rate, s.Steps, s.Duration)
	case load.ModeConstant, load.ModeSpike, load.ModeStages:
	}
	return fmt.Sprintf("mode %s: %s for %v", s.Mode, rate, s.Duration)
}
