package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"time"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/lifecycle"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/telemetry"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// trial is a run at one rate.
type trial struct {
	RPS             float64 `json:"rps"`
	DurationSecs    float64 `json:"duration_secs"`
	Planned         int64   `json:"planned"`
	Started         int64   `json:"started"`
	Errors          int64   `json:"errors"`
	LagP50Ms        float64 `json:"lag_p50_ms"`
	LagP99Ms        float64 `json:"lag_p99_ms"`
	CPUPercent      float64 `json:"cpu_percent"`        // of the processors, the busiest second
	CPUMicrosPerReq float64 `json:"cpu_us_per_request"` // of the whole process, without the target

	Trust load.TrustLevel `json:"trust"` // of the run itself
	Held  bool            `json:"held"`
}

// firstRate is what the first trial asks for; the last one is at most maxGrowth times that of the one before. A machine that
// does not hold leastRate has no limit worth looking for.
const (
	firstRate = 500.0
	leastRate = 100.0
	maxGrowth = 8.0
	closeUp   = 1.2 // a rate that was held and one that was not are near enough
)

// nextRate returns what to try after some trials, 0 if there is nothing more to find out. While all were held it goes to where the
// processors would be full if the target cost as much as the generator, and then half of the way, by ratio, between the highest
// rate that was held and the lowest above it that was not.
func nextRate(trials []trial, processors int) float64 {
	if len(trials) == 0 {
		return firstRate
	}
	var held trial
	failed := math.Inf(1)
	for _, t := range trials {
		if t.Held && t.RPS > held.RPS {
			held = t
		}
	}
	for _, t := range trials {
		if !t.Held && t.RPS > held.RPS {
			failed = min(failed, t.RPS)
		}
	}
	switch {
	case math.IsInf(failed, 1):
		full := selftestCPUPercent / 100 * float64(processors) * 1e6 / (2 * max(1, held.CPUMicrosPerReq))
		return math.Round(min(max(full, 1.5*held.RPS), maxGrowth*held.RPS, load.MaxRPS))
	case held.RPS == 0 && failed <= leastRate:
		return 0
	case held.RPS == 0:
		return max(leastRate, math.Round(failed/4))
	case failed/held.RPS < closeUp:
		return 0
	default:
		return math.Round(math.Sqrt(held.RPS * failed))
	}
}

// judge decides whether the rate was held.
func (t *trial) judge() {
	t.Held = t.Errors == 0 && t.Planned > 0 && float64(t.Started) >= 0.999*float64(t.Planned) && t.LagP99Ms < selftestLagMs &&
		t.CPUPercent < selftestCPUPercent && t.Trust != load.TrustUntrusted
}

// selftestScript is the load of the trials: what a plain benchmark sends.
const selftestScript = `from loadpilot import VUser, scenario, task


@scenario(mode="constant", graceful_stop="2s")
class Selftest(VUser):
    @task
    def ask(self, client):
        client.get("/")
`

// selftestLoad makes trials in a stack of this process until the time is over or nothing more is to be found out.
type selftestLoad struct {
	selftest *selftest
	runner   *runner
	target   *selftestTarget
	duration time.Duration
	progress io.Writer
	outcome  chan error
}

// putLoad makes the trials.
func (s *selftest) putLoad(ctx context.Context, std streams, logger *slog.Logger, duration time.Duration, progress io.Writer) error {
	a := newApp("loadpilot selftest", logger)
	target := &selftestTarget{}
	std.last.add(target.kill)
	a.group.Add(lifecycle.Part{Name: "target", Start: target.start, Stop: target.stop})
	gatewayURL, err := (&runOptions{}).addStack(ctx, a, std.last)
	if err != nil {
		return err
	}
	l := &selftestLoad{
		selftest: s, target: target, duration: duration, progress: progress, outcome: make(chan error, 1),
		runner: &runner{
			client: newClient(gatewayURL, "gateway of this process"), view: silent{}, out: io.Discard, err: io.Discard, logger: logger,
		},
	}
	a.group.Add(lifecycle.Part{Name: "trials", Run: l.run})
	parts := runBounded(ctx, a)
	select {
	case err := <-l.outcome:
		return decide(ctx, err, parts)
	default:
		return decide(ctx, errNoOutcome, parts)
	}
}

func (l *selftestLoad) run(ctx context.Context) error {
	defer l.runner.client.close()
	proc := os.DirFS("/proc")
	before, errBefore := readCPU(proc, l.target.pid())
	err := l.trials(ctx)
	if after, errAfter := readCPU(proc, l.target.pid()); errBefore == nil && errAfter == nil { // else it is not known
		others := after.othersPercent(before)
		l.selftest.OthersPercent = &others
	}
	l.outcome <- err
	return nil
}

func (l *selftestLoad) trials(ctx context.Context) error {
	s := l.selftest
	each := max(time.Second, l.duration/8).Round(time.Second)
	for began := time.Now(); len(s.Trials) == 0 || time.Since(began)+each <= l.duration; {
		rps := nextRate(s.Trials, s.Processors)
		if rps == 0 {
			return nil
		}
		t, err := l.try(ctx, rps, each)
		if err != nil {
			return l.runner.failed(ctx, err)
		}
		s.Trials = append(s.Trials, t)
		word := "held"
		if !t.Held {
			word = "not held"
		}
		if _, err := fmt.Fprintf(l.progress, "  %12s/s  %-8s  lag p50 %s  p99 %s  CPU %.0f%%  %.0f µs of CPU a request\n", rate(t.RPS), word,
			terminal.Millis(t.LagP50Ms), terminal.Millis(t.LagP99Ms), t.CPUPercent, t.CPUMicrosPerReq); err != nil {
			return infra(fmt.Errorf("show the progress: %w", err))
		}
	}
	return nil
}

// try runs one rate.
func (l *selftestLoad) try(ctx context.Context, rps float64, d time.Duration) (trial, error) {
	before := telemetry.CPUTime()
	run, err := l.runner.client.submit(ctx, gateway.Request{
		Source: selftestScript, File: "selftest.py", Target: l.target.url, RPS: &rps, Duration: d.String(),
	})
	if err != nil {
		return trial{}, err
	}
	raw, err := l.runner.follow(ctx, run)
	if err != nil {
		return trial{}, err
	}
	used := telemetry.CPUTime() - before
	var r load.Result
	if err := json.Unmarshal(raw, &r); err != nil {
		return trial{}, fmt.Errorf("read the result: %w", err)
	}
	if r.State != load.StateDone {
		return trial{}, errors.Join(load.ErrUnavailable, fmt.Errorf("the run is %s: %s", r.State, r.Reason))
	}
	t := trial{
		RPS: rps, DurationSecs: r.DurationSecs, Planned: r.Ledger.Planned, Started: r.Ledger.Started, Errors: r.ErrorsTotal,
		LagP50Ms: r.Lag.P50Ms, LagP99Ms: r.Lag.P99Ms, CPUMicrosPerReq: float64(used.Microseconds()) / float64(max(1, r.RequestsTotal)),
		Trust: r.Trust.Level,
	}
	for _, g := range r.Generators {
		t.CPUPercent = max(t.CPUPercent, g.CPUPercent)
	}
	t.judge()
	return t, nil
}
