package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/internal/service"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// all runs each route that can be, one after the other, until the run is interrupted.
func (e *execution) all(job run.Config, tags []string, unsafe bool) error {
	jobs, skipped, err := e.service.All(e.cmd.Context(), job, tags, unsafe)
	if err != nil {
		return exit(e.cmd, err)
	}
	var outcomes []*outcome
	for _, job := range jobs {
		if e.cmd.Context().Err() != nil {
			break
		}
		o, err := e.run(job)
		if err != nil {
			return fmt.Errorf("%s: %w", title(job), err)
		}
		for _, texts := range [][]string{o.broken, o.unjudged} {
			for i, text := range texts {
				texts[i] = title(job) + ": " + text
			}
		}
		outcomes = append(outcomes, o)
	}
	if e.json {
		results := make([]run.Result, len(outcomes))
		for i, o := range outcomes {
			results[i] = o.result
		}
		err = writeJSON(e.cmd.OutOrStdout(), results)
	} else {
		err = writeAll(e.cmd.OutOrStdout(), outcomes, skipped)
	}
	if err != nil {
		return err
	}
	return e.finish(outcomes...)
}

// writeAll writes what came of each route, and what was left out.
func writeAll(w io.Writer, outcomes []*outcome, skipped []service.Skipped) error {
	style := terminal.NewPalette(w)
	columns := []terminal.Column{
		{Title: "METHOD"},
		{Title: "PATH"},
		{Title: "REQUESTS", Right: true},
		{Title: "REQ/S", Right: true},
		{Title: "P95", Right: true},
		{Title: "ERROR %", Right: true},
		{Title: "TEST ID"},
	}
	rows := make([][]string, 0, len(outcomes))
	for _, o := range outcomes {
		s := o.result.Summary()
		rows = append(rows, []string{
			cell(s.Method), cell(s.Path), terminal.Count(s.Requests), perSec(s.PerSecond), p95(s), errorRate(s, style), cell(s.TestID),
		})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Ran %s\n", counted(int64(len(rows)), "route"))
	if len(rows) > 0 {
		b.WriteString(terminal.Table(columns, rows))
	}
	if len(skipped) > 0 {
		fmt.Fprintf(&b, "\nLeft out %s\n", counted(int64(len(skipped)), "route"))
	}
	for _, s := range skipped {
		fmt.Fprintf(&b, "  %-6s %s  %s\n", cell(s.Method), cell(s.Path), style.Faint.Render(cell(s.Reason)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
