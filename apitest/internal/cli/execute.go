package cli

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/apitest/archive"
	"github.com/loadpilot/loadpilot/apitest/internal/compare"
	"github.com/loadpilot/loadpilot/apitest/internal/service"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// execution runs what the command line asks for, keeps the results and shows them.
type execution struct {
	cmd     *cobra.Command
	service service.Service
	store   *archive.Store
	failOn  []run.FailOn
	json    bool
	quiet   bool
	unsaid  bool // the command line says nothing of the protocol
}

// outcome is a run that has ended, with what is said about it.
type outcome struct {
	result   run.Result
	stopped  error       // why it ended before all was done; nil: it did not
	baseline *run.Result // the last run of the same route; nil: none
	broken   []string    // the conditions of --fail-on that are met
	unjudged []string    // those that there was nothing to judge by, and why
}

// one runs one route.
func (e *execution) one(job run.Config, generate bool) error {
	job, err := e.service.Describe(e.cmd.Context(), job, generate)
	if err != nil {
		return exit(e.cmd, err)
	}
	o, err := e.run(job)
	if err != nil {
		return err
	}
	if e.json {
		err = writeJSON(e.cmd.OutOrStdout(), o.result)
	} else {
		err = e.show(o)
	}
	if err != nil {
		return err
	}
	return e.finish(o)
}

// run makes one run and keeps its result. An interrupted one is no error: its result says so.
func (e *execution) run(job run.Config) (*outcome, error) {
	ctx := e.cmd.Context()
	tell, clearLine := e.progress(job)
	result, err := e.service.Run(ctx, job, tell)
	clearLine()
	if err != nil && result.State != run.StateInterrupted {
		return nil, exit(e.cmd, err)
	}
	o := &outcome{result: result, stopped: err}
	if e.unsaid && result.Config.Protocol == run.ProtocolStream {
		note := title(job) + " is answered with a stream: its events are counted"
		if job.Events == 0 && job.Duration == 0 {
			note += fmt.Sprintf(", and each request ends after %d of them; --events and --duration say otherwise", result.Config.Events)
		}
		e.say(note)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), archive.Patience)
	defer cancel()
	kept, err := e.store.Put(ctx, &result)
	if err != nil {
		e.say(err.Error())
	}
	e.say(kept.Note)
	if result.State == run.StateCompleted {
		last, err := e.store.Last(ctx, result.Config.Key(), result.TestID)
		if err != nil && !errors.Is(err, load.ErrNotFound) {
			e.say("no comparison with the last run: " + err.Error())
		}
		o.baseline = last
	}
	for _, condition := range e.failOn {
		met, judged, text := holds(condition, o)
		switch {
		case met:
			o.broken = append(o.broken, text)
		case !judged:
			o.unjudged = append(o.unjudged, text)
		}
	}
	return o, nil
}

// progress returns what shows the progress of a run, nil if nothing does, and what takes that away.
func (e *execution) progress(job run.Config) (tell func(run.Progress), clearLine func()) {
	if e.quiet {
		return nil, func() {}
	}
	line := newProgress(e.cmd.OutOrStdout(), e.cmd.ErrOrStderr(), title(job))
	if line == nil {
		return nil, func() {}
	}
	return line.tell, line.clear
}

// holds reports whether a condition of --fail-on is met, and whether there was anything to judge it by.
func holds(condition run.FailOn, o *outcome) (met, judged bool, text string) {
	switch {
	case condition.Metric != run.MetricRegression:
		met, text = condition.Holds(&o.result)
		return met, true, text
	case o.result.State != run.StateCompleted:
		return false, false, condition.String() + ": the run was interrupted"
	case o.baseline == nil:
		return false, false, condition.String() + ": there is no earlier run of the same test"
	default:
		return compare.Holds(condition, o.baseline, &o.result)
	}
}

// show writes a result for people.
func (e *execution) show(o *outcome) error {
	out := e.cmd.OutOrStdout()
	if err := writeResult(out, o.result, false); err != nil {
		return err
	}
	if o.baseline == nil {
		return nil
	}
	comparison, err := compare.Results(o.baseline, &o.result, compare.DefaultThreshold)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Against the last run (%s): %s\n", terminal.Ago(time.Since(o.baseline.StartedAt)), comparison)
	return err
}

// finish says which conditions were met, and returns the exit code as an error.
func (e *execution) finish(outcomes ...*outcome) error {
	style := terminal.NewPalette(e.cmd.ErrOrStderr())
	code := load.ExitPassed
	for _, o := range outcomes {
		for _, text := range o.unjudged {
			e.say("not judged: " + text)
		}
		for _, text := range o.broken {
			_, _ = fmt.Fprintln(e.cmd.ErrOrStderr(), style.Bad.Render("✗ "+terminal.Printable(text)))
			code = load.ExitBreached
		}
	}
	if e.cmd.Context().Err() != nil {
		return finish(e.cmd, load.ExitInterrupted)
	}
	for _, o := range outcomes {
		if o.stopped != nil {
			return &run.ExitError{Code: load.ExitInfra, Err: o.stopped}
		}
	}
	return finish(e.cmd, code)
}

// say tells something about the way of a run on the standard error.
func (e *execution) say(text string) {
	if text != "" {
		_, _ = fmt.Fprintln(e.cmd.ErrOrStderr(), sentence(text))
	}
}

// sentence makes a whole sentence of what parts say.
func sentence(text string) string {
	text = terminal.Printable(text)
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[n:] + "."
}
