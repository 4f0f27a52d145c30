package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/telemetry"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// Times of a run as its client sees it.
const (
	pollPause    = 200 * time.Millisecond  // between looks at who is there, and between attempts to reach the gateway
	agentsWait   = 30 * time.Second        // for generators that were started here
	externalWait = 5 * time.Minute         // for generators that somebody starts elsewhere
	stopWait     = 500 * time.Millisecond  // for the answer to each attempt to stop a run after an interrupt
	resultWait   = 1200 * time.Millisecond // for such a stop and the result that follows
	quietWait    = 5 * time.Second         // for the next live line before its absence is worth a word
)

var runID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// runner is the client's side of one run: it submits, follows and keeps what comes of it.
type runner struct {
	client   *client
	request  gateway.Request
	external bool // some generators are started elsewhere
	outlives bool // the run goes on without this process, unless it is stopped
	dryRun   bool
	jsonOnly bool
	capacity bool // not one run, but the search for the highest rate
	ui       bool // tell where the run can be watched
	outputs  outputOptions
	events   eventFile
	out      io.Writer
	err      io.Writer // for what must be said even if no progress is shown
	view     display
	choose   func(ctx context.Context, names []string) (string, error) // nil: nobody to ask
	logger   *slog.Logger
	outcome  chan error // takes what perform returns
}

// run does it all. It ends early when ctx does: an interrupt, or a part of this process that has failed.
func (r *runner) run(ctx context.Context) error {
	defer r.client.close()
	r.outcome <- r.perform(ctx)
	return nil
}

func (r *runner) perform(ctx context.Context) error {
	if r.capacity { // all its runs have a constant rate, whatever the scenario has
		r.request.Mode = string(load.ModeConstant)
	}
	plan, err := r.plan(ctx)
	if err != nil {
		return r.failed(ctx, err)
	}
	if r.dryRun {
		return r.printJSON(plan)
	}
	if r.ui { // before there is a picture that is redrawn
		_, _ = fmt.Fprintln(r.err, terminal.Printable(telemetry.RedactURL("dashboard: "+r.client.base)))
	}
	if r.events, err = openEventFile(r.outputs.ndjson); err != nil {
		return err
	}
	defer r.events.close()
	if err := r.awaitFleet(ctx); err != nil {
		return r.failed(ctx, err)
	}
	if r.capacity {
		return r.findCapacity(ctx, plan)
	}
	run, err := r.submit(ctx)
	if err != nil {
		return err
	}
	result, err := r.follow(ctx, run)
	r.view.close()
	if err != nil {
		return infra(fmt.Errorf("%w\nnobody follows run %s from here any more; it goes on, and any gateway has its result at /v1/runs/%s/result",
			err, run.ID, run.ID))
	}
	return r.conclude(ctx, run.ID, result)
}

// submit asks for the run. After an interrupt on the way nobody knows whether the gateway has it.
func (r *runner) submit(ctx context.Context) (gateway.Run, error) {
	run, err := r.client.submit(ctx, r.request)
	switch {
	case r.outlives && errors.Is(err, context.Canceled):
		text := "interrupted before the gateway answered: if it has accepted the run, the run goes on and GET /v1/runs lists it"
		return run, &exitError{code: load.ExitInterrupted, err: errors.New(text)}
	case err != nil:
		return run, r.failed(ctx, err)
	case !runID.MatchString(run.ID): // a file is called by it
		return run, r.failed(ctx, fmt.Errorf("%s: %w: it calls the run %q", r.client.label, load.ErrUnavailable, run.ID))
	}
	return run, nil
}

// failed gives an error its exit code.
func (r *runner) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errNoOutcome
	}
	var problem *gateway.Problem
	if errors.As(err, &problem) && problem.Status < 500 {
		return &exitError{code: load.ExitConfig, err: errors.New(problem.Detail)}
	}
	return infra(err)
}

// plan checks the request before anything is started, and asks for the scenario if the file has several.
func (r *runner) plan(ctx context.Context) (json.RawMessage, error) {
	plan, err := r.client.plan(ctx, r.request)
	var problem *gateway.Problem
	if r.choose == nil || r.request.Scenario != "" || !errors.As(err, &problem) || len(problem.Choices) == 0 {
		return plan, err
	}
	if r.request.Scenario, err = r.choose(ctx, problem.Choices); err != nil {
		return nil, err
	}
	return r.client.plan(ctx, r.request)
}

// awaitFleet waits for the generators that the run is to start with.
func (r *runner) awaitFleet(ctx context.Context) error {
	if r.request.Generators == 0 {
		return nil
	}
	wait := agentsWait
	if r.external {
		wait = externalWait
	}
	pool := r.request.Pool
	if pool == "" {
		pool = load.DefaultPool
	}
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	way := outage{tell: r.view.notice}
	for alive, seen := 0, -1; ; {
		fleet, err := r.client.generators(ctx)
		if gone := way.bear(err); gone != nil {
			return gone
		}
		if err == nil {
			alive = members(fleet, pool)
		}
		if alive >= r.request.Generators {
			return nil
		}
		if alive != seen {
			seen = alive
			r.view.note(fmt.Sprintf("waiting for generators: %d of %d are there", alive, r.request.Generators))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline.C:
			return fmt.Errorf("only %d of %d generators came within %v: %w", alive, r.request.Generators, wait, load.ErrUnavailable)
		case <-time.After(pollPause):
		}
	}
}

// members counts the generators of a pool that take work.
func members(fleet []gateway.Generator, pool string) int {
	n := 0
	for _, g := range fleet {
		if g.Pool == pool && !g.Draining {
			n++
		}
	}
	return n
}

// follow shows the run until its result. When ctx ends it asks for a stop, waits a moment for the result and otherwise makes
// do with what it has seen.
func (r *runner) follow(ctx context.Context, run gateway.Run) (json.RawMessage, error) {
	streaming, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var callers sync.WaitGroup
	defer callers.Wait()
	defer cancel()
	id, messages, ended := run.ID, make(chan message), make(chan error, 1)
	callers.Go(func() {
		defer close(messages)
		ended <- r.client.followSteadily(streaming, id, handOver(streaming, messages))
	})

	interrupt, answers := ctx.Done(), make(chan stopAnswer)
	var patience, quiet <-chan time.Time
	var live load.Live
	var told load.State
	var refusal error
	for {
		select {
		case m, ok := <-messages:
			r.events.add(m.Line)
			switch {
			case !ok && ctx.Err() != nil:
				messages = nil // the stop matters more
			case !ok:
				return nil, <-ended
			case m.Type == gateway.EventResult:
				return finalResult(m)
			case m.Type == gateway.EventLive:
				live, quiet = m.Live, time.After(quietWait)
				r.view.live(live)
			case m.Type == gateway.EventState:
				if run = newer(run, m.Run); run.State != told { // a stream begins with it
					told = run.State
					r.view.state(run)
				}
			case m.Type == noticeMessage:
				quiet = nil // one reason is enough
				r.view.notice(m.Notice)
			}
		case <-quiet:
			quiet = nil
			if !run.State.Final() {
				r.view.notice(fmt.Sprintf("no figures for %v: NATS is away, or every aggregator", quietWait))
			}
		case <-interrupt:
			interrupt, patience = nil, time.After(resultWait)
			callers.Go(func() { r.client.stopSteadily(streaming, id, handOver(streaming, answers)) })
		case a := <-answers:
			if refusal = a.err; a.err == nil {
				run = newer(run, a.run)
			}
		case <-patience:
			return r.leave(run, live, refusal)
		}
	}
}

// handOver returns a function that sends to a channel until ctx ends.
func handOver[T any](ctx context.Context, to chan<- T) func(T) {
	return func(v T) {
		select {
		case to <- v:
		case <-ctx.Done():
		}
	}
}

// newer takes a record that came later, but not one from before the stop: the answer to a stop may overtake the stream.
func newer(known, next gateway.Run) gateway.Run {
	if known.StoppedAt != nil && next.StoppedAt == nil {
		return known
	}
	return next
}

// leave makes do with what was seen of a run whose result has not come in time. A run that nobody has stopped and that goes on
// is not left without a word.
func (r *runner) leave(run gateway.Run, live load.Live, refusal error) (json.RawMessage, error) {
	result := partialResult(run, live, "the client left before the result was complete")
	if r.outlives && run.State != load.StateStopping && !run.State.Final() {
		result = partialResult(run, live, "the client was interrupted and could not stop the run, which goes on")
		r.view.close()
		text := fmt.Sprintf("run %s was NOT stopped and goes on: %v\nstop it with POST /v1/runs/%s/stop at any gateway", run.ID, refusal, run.ID)
		_, _ = fmt.Fprintln(r.err, terminal.Printable(telemetry.RedactURL(text)))
	}
	raw, err := json.Marshal(result)
	r.events.result(raw)
	return raw, err
}

// finalResult takes the result out of the message that ends a stream. A run of which none was published still has a state and
// a reason.
func finalResult(m message) (json.RawMessage, error) {
	if len(m.Result) > 0 {
		return json.RawMessage(m.Result), nil
	}
	r := partialResult(m.Run, load.Live{}, "no result was published")
	r.Reason, r.Cause = m.Run.Reason, m.Run.Cause
	return json.Marshal(r)
}

// partialResult makes the most of the last record and the last live line. reason is why there is nothing better. What a line of
// the warm-up counts stands in the result as that of the warm-up.
func partialResult(run gateway.Run, live load.Live, reason string) load.Result {
	warmup, _ := time.ParseDuration(run.Plan.Warmup) // "" of a run that nothing is known about
	secs := max(0, live.ElapsedSecs-warmup.Seconds())
	var warm *load.WarmupResult
	if live.Phase == load.PhaseWarmup {
		warm = &load.WarmupResult{
			DurationSecs: max(0, live.ElapsedSecs), Requests: live.RequestsTotal, Errors: live.ErrorsTotal, Ledger: live.Ledger,
			Response: liveDistribution(live),
		}
		live = load.Live{Incidents: live.Incidents}
	}
	r := load.Result{
		RunID: run.ID, Scenario: run.Plan.Scenario, TargetURL: run.Plan.Target, State: run.State, Reason: reason,
		DurationSecs: secs, Seed: run.Plan.Seed, RPSTarget: run.Plan.Planned.PeakRPS,
		RequestsTotal: live.RequestsTotal, ErrorsTotal: live.ErrorsTotal, ErrorRatePct: live.ErrorRatePct,
		P50Ms: live.Latency.P50Ms, P95Ms: live.Latency.P95Ms, P99Ms: live.Latency.P99Ms, MaxMs: live.Latency.MaxMs,
		Response: liveDistribution(live), Warmup: warm,
		Tasks: []load.TaskResult{}, StatusCodes: map[string]int64{}, Errors: []load.ErrorResult{}, Ledger: live.Ledger,
		Verdict:    load.Verdict{Thresholds: []load.ThresholdResult{}, Reasons: []string{reason}},
		Trust:      load.Trust{Level: load.TrustUntrusted, Reasons: []string{reason}},
		Generators: []load.GeneratorResult{}, Incidents: append([]load.Incident{}, live.Incidents...), Series: []load.Second{}, Windows: []load.Window{},
	}
	if run.StartedAt != nil {
		r.StartedAt = *run.StartedAt
	}
	if secs > 0 {
		r.RPSActual = float64(live.Started) / secs
		r.RequestsPerSec = float64(live.RequestsTotal) / secs
	}
	return r
}

// liveDistribution is the response times of a live line.
func liveDistribution(l load.Live) load.Distribution {
	return load.Distribution{
		Count: l.RequestsTotal, MinMs: l.Latency.MinMs, MeanMs: l.Latency.MeanMs, P50Ms: l.Latency.P50Ms,
		P95Ms: l.Latency.P95Ms, P99Ms: l.Latency.P99Ms, MaxMs: l.Latency.MaxMs,
	}
}

// conclude keeps and shows the result and decides the exit code.
func (r *runner) conclude(ctx context.Context, id string, raw json.RawMessage) error {
	var result load.Result
	if err := json.Unmarshal(raw, &result); err != nil {
		return infra(fmt.Errorf("read the result: %w", err))
	}
	pretty, err := terminal.Indent(raw)
	if err != nil {
		return infra(err)
	}
	if err := errors.Join(r.show(result, pretty, r.keep(id, pretty)), r.write(result, raw, pretty)); err != nil {
		return &exitError{code: load.ExitInfra, err: err}
	}
	code := result.ExitCode()
	if ctx.Err() != nil {
		code = load.ExitInterrupted
	}
	if code == load.ExitPassed {
		return nil
	}
	return &exitError{code: code}
}

// keep keeps the result in the state folder and returns the name of its file, if it could.
func (r *runner) keep(id string, result []byte) string {
	folder, err := newResultFolder()
	file := ""
	if err == nil {
		file, err = folder.keep(id, result)
	}
	if err != nil {
		r.logger.Warn("the result is not kept for later", "error", err)
	}
	return file
}

// show shows the result. kept is the file that it is kept in.
func (r *runner) show(result load.Result, pretty []byte, kept string) (err error) {
	if r.jsonOnly {
		_, err = r.out.Write(pretty)
	} else {
		err = writeSummary(r.out, result, kept)
	}
	if err != nil {
		return fmt.Errorf("show the result: %w", err)
	}
	return nil
}

// write writes the result wherever it was asked for.
func (r *runner) write(result load.Result, raw, pretty []byte) error {
	if err := appendSummary(func(w io.Writer) error { return writeMarkdown(w, result) }); err != nil {
		r.logger.Warn("the summary of the step is not written", "error", err)
	}
	err := errors.Join(r.outputs.writeAll(result, raw), r.events.err)
	if !r.outputs.saveBaseline {
		return err
	}
	note, failed := saveBaseline(result, pretty)
	if note != "" {
		_, _ = fmt.Fprintln(r.err, note)
	}
	return errors.Join(err, failed)
}

func (r *runner) printJSON(raw []byte) error {
	pretty, err := terminal.Indent(raw)
	if err != nil {
		return infra(err)
	}
	_, err = r.out.Write(pretty)
	return infra(err)
}
