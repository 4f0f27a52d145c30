package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// Probes of the search for the capacity, where no flag says otherwise.
const (
	probeDuration = 10 * time.Second
	probeWarmup   = "1s"
	probeDelay    = "3s" // before a breach ends a probe: what is too much need not be endured to the end
)

// findCapacity searches the highest rate that holds the thresholds of the plan, by one run for each rate, and shows the way there.
func (r *runner) findCapacity(ctx context.Context, planned json.RawMessage) error {
	var plan gateway.Plan
	if err := json.Unmarshal(planned, &plan); err != nil {
		return infra(fmt.Errorf("read the plan: %w", err))
	}
	thresholds, duration, err := r.prepareProbes(plan)
	if err != nil {
		return infra(err)
	}
	var done []load.Probe
	for {
		rps, confirm, over := load.NextProbe(done, plan.Planned.PeakRPS, load.MaxRPS)
		if over {
			return r.concludeSearch(ctx, done)
		}
		secs := duration
		if confirm {
			secs *= 2
		}
		r.request.RPS, r.request.Duration = &rps, secs.String()
		r.view.note(fmt.Sprintf("probe %d: %s/s for %v", len(done)+1, terminal.Number(rps), secs))
		result, err := r.probe(ctx)
		switch {
		case ctx.Err() != nil:
			return r.concludeSearch(ctx, done)
		case err != nil:
			return err
		}
		p := result.NewProbe(thresholds, done, confirm)
		done = append(done, p)
		r.view.note(fmt.Sprintf("probe %d: %s/s %s", len(done), terminal.Number(p.RPS), probeText(p)))
	}
}

// prepareProbes makes the request one for probes. It returns the thresholds that they have, and their length. Every limit that a
// value must stay below ends a probe; the rate is what is searched and not what is demanded.
func (r *runner) prepareProbes(plan gateway.Plan) (thresholds []load.Threshold, duration time.Duration, err error) {
	duration = probeDuration
	if r.request.Duration != "" {
		if duration, err = time.ParseDuration(r.request.Duration); err != nil {
			return nil, 0, err
		}
	}
	if r.request.Warmup == "" && plan.Warmup == "0s" {
		r.request.Warmup = probeWarmup
	}
	r.request.Thresholds = map[string]gateway.Limit{}
	for key, limit := range plan.Thresholds {
		t, err := load.ParseThreshold(key, limit.Limit)
		switch {
		case err != nil:
			return nil, 0, err
		case t.Metric == "rps_min":
			limit.Limit = 0
		case !t.Floor() && !limit.AbortOnFail:
			limit.AbortOnFail, limit.Delay = true, probeDelay
		}
		r.request.Thresholds[key] = limit
		thresholds = append(thresholds, t)
	}
	return thresholds, duration, nil
}

// probe makes one run and keeps its result. One that could not be run says nothing about a rate.
func (r *runner) probe(ctx context.Context) (load.Result, error) {
	var result load.Result
	run, err := r.submit(ctx)
	if err != nil {
		return result, err
	}
	raw, err := r.follow(ctx, run)
	r.view.close()
	if err != nil {
		return result, infra(err)
	}
	if err := json.Unmarshal(raw, &result); err != nil {
		return result, infra(fmt.Errorf("read the result: %w", err))
	}
	pretty, err := terminal.Indent(raw)
	if err != nil {
		return result, infra(err)
	}
	r.keep(run.ID, pretty)
	if result.State != load.StateDone && ctx.Err() == nil {
		return result, &exitError{code: result.ExitCode(), err: errors.New(result.Reason)}
	}
	return result, nil
}

// concludeSearch shows what the search came to, writes it wherever it was asked for and decides the exit code.
func (r *runner) concludeSearch(ctx context.Context, done []load.Probe) error {
	capacity := load.NewCapacity(done)
	raw, err := json.Marshal(capacity)
	if err != nil {
		return infra(fmt.Errorf("show the capacity: %w", err))
	}
	if r.jsonOnly {
		err = r.printJSON(raw)
	} else {
		err = writeCapacity(r.out, capacity)
	}
	written := r.outputs.writeAll(load.Result{}, raw)
	switch {
	case err != nil:
		return infra(fmt.Errorf("show the capacity: %w", err))
	case ctx.Err() != nil:
		return &exitError{code: load.ExitInterrupted, err: written}
	case written != nil:
		return infra(written)
	case capacity.Untrusted:
		return &exitError{code: load.ExitUntrusted}
	case capacity.RPS == 0:
		return &exitError{code: load.ExitBreached}
	}
	return nil
}

// writeCapacity writes the curve, by the rate, and what follows from it.
func writeCapacity(w io.Writer, c load.Capacity) error {
	p := terminal.NewPalette(w)
	curve := slices.Clone(c.Probes)
	slices.SortStableFunc(curve, func(x, y load.Probe) int {
		switch {
		case x.RPS < y.RPS:
			return -1
		case x.RPS > y.RPS:
			return 1
		}
		return 0
	})
	var rows [][]string
	next := "" // what the next rate up came to
	for _, probe := range curve {
		mark := p.Good.Render("✓")
		if !probe.Held {
			mark = p.Bad.Render("✗")
			if next == "" && probe.RPS > c.RPS {
				next = fmt.Sprintf("%s/s were too much: %s.", terminal.Number(probe.RPS), probe.Why)
			}
		}
		rows = append(rows, []string{
			terminal.Number(probe.RPS), mark, terminal.Millis(probe.P95Ms), terminal.Millis(probe.P99Ms), terminal.Number(probe.ErrorRatePct) + "%",
			terminal.Printable(probe.Why),
		})
	}
	var b strings.Builder
	if len(rows) > 0 {
		b.WriteString(terminal.Table([]terminal.Column{
			{Title: "iterations/s", Right: true},
			{Title: "held"},
			{Title: "p95", Right: true},
			{Title: "p99", Right: true},
			{Title: "errors", Right: true},
			{Title: "why not"},
		}, rows))
	}
	switch {
	case c.Untrusted:
		fmt.Fprintln(&b, p.Warn.Render("Capacity: at least "+terminal.Number(c.RPS)+" iterations a second, but generators were the limit:"), terminal.Printable(next))
	case c.RPS == 0:
		fmt.Fprintln(&b, p.Bad.Render("Capacity: no rate was held."))
	case c.LimitFound:
		fmt.Fprintln(&b, p.Title.Render("Capacity: "+terminal.Number(c.RPS)+" iterations a second."), terminal.Printable(next))
	default:
		fmt.Fprintln(&b, p.Title.Render("Capacity: at least "+terminal.Number(c.RPS)+" iterations a second;"), "no higher rate was tried.")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// probeText says what a probe came to.
func probeText(p load.Probe) string {
	if p.Held {
		return fmt.Sprintf("held, p95 %s, p99 %s, errors %s%%", terminal.Millis(p.P95Ms), terminal.Millis(p.P99Ms), terminal.Number(p.ErrorRatePct))
	}
	return "not held: " + p.Why
}
