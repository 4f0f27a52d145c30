package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// traceScript runs one user of a scenario once: on_start, each task with its check, on_stop.
func traceScript(ctx context.Context, std streams, o *checkOptions, transport gateway.Transport, s *script) error {
	if s.noData != nil {
		return s.noData
	}
	secrets := newSecrets(s.options.Env)
	secrets.learnHeaders(transport.Headers)
	t := &tracer{out: std.out, palette: terminal.NewPalette(std.out), secrets: secrets}
	s.options.Mask = secrets.mask
	s.options.Print = &printer{tracer: t}
	err := t.run(ctx, o, transport, s)
	switch exit, _ := errors.AsType[*exitError](err); {
	case ctx.Err() != nil:
		return &exitError{code: load.ExitInterrupted}
	case exit != nil && exit.err != nil:
		return &exitError{code: exit.code, err: errors.New(secrets.mask(exit.err.Error()))}
	case exit == nil && err != nil:
		return errors.New(secrets.mask(err.Error()))
	}
	return err
}

// run compiles the file and runs the user.
func (t *tracer) run(ctx context.Context, o *checkOptions, transport gateway.Transport, s *script) error {
	silent := s.options
	silent.Print = nil // the runner loads the file, too
	program, err := scenario.Compile(ctx, s.name, []byte(s.source), silent)
	if err != nil {
		return err
	}
	plan, err := program.Plan(o.scenario)
	if err != nil {
		return err
	}
	plan.Target = o.target
	var credentials load.Credentials
	if plan.Transport, credentials, err = transport.Parse(); err != nil {
		return err
	}
	if err := errors.Join(credentials.Validate(), plan.Validate()); err != nil {
		return err
	}
	tasks := plan.Tasks
	if o.task != "" {
		i := slices.IndexFunc(tasks, func(task load.Task) bool { return task.Name == o.task })
		if i < 0 {
			return fmt.Errorf("--task: scenario %s has no task %q", plan.Scenario, o.task)
		}
		tasks = tasks[i : i+1]
	}
	start := time.Now()
	driver, err := httpdriver.New(ctx, httpdriver.Config{
		Target: plan.Target, UserAgent: "loadpilot/" + version, Timeout: plan.Timeout, Now: func() time.Duration { return time.Since(start) },
		Transport: plan.Transport, Credentials: credentials,
	})
	if err != nil {
		return err
	}
	t.target, t.session = strings.TrimRight(plan.Target, "/"), driver.NewSession()
	defer t.session.Close()
	if _, err := t.session.Connect(ctx); err != nil {
		return &exitError{code: load.ExitInfra, err: fmt.Errorf("--target: %s cannot be reached: %w", plan.Target, err)}
	}
	runner, err := program.NewRunner(ctx, plan, s.options)
	if err != nil {
		return err
	}
	t.user(ctx, runner, plan, tasks)
	if t.failed {
		return &exitError{code: load.ExitBreached}
	}
	return t.err
}

// user runs the hooks and the tasks.
func (t *tracer) user(ctx context.Context, runner *scenario.Runner, plan load.Plan, tasks []load.Task) {
	u := runner.NewUser()
	if runner.HasStart() {
		t.heading("on_start")
	}
	started := t.ended("on_start", u.Start(ctx, t))
	for n, task := range tasks {
		if !started || ctx.Err() != nil {
			break
		}
		t.heading("task " + task.Name)
		at := slices.IndexFunc(plan.Tasks, func(k load.Task) bool { return k.Name == task.Name })
		t.ended(task.Name, u.Run(ctx, int64(n), at, t))
	}
	if started && runner.HasStop() && ctx.Err() == nil {
		t.heading("on_stop")
		t.ended("on_stop", u.Stop(ctx, t))
	}
}

// A tracer is a client that prints what it sends and gets.
type tracer struct {
	out     io.Writer
	palette terminal.Palette
	secrets *secrets
	target  string // without a slash at its end
	session *httpdriver.Session

	mu      sync.Mutex // guards what follows: a script may send several requests at once
	err     error      // of writing
	column  int        // above 0 within a line that the script has begun to print
	last    int        // status of the request made last, which the check decides about
	failed  bool
	waiting bool // last is a status that says the request failed
}

// Do implements scenario.Client.
func (t *tracer) Do(ctx context.Context, req *scenario.Request) *scenario.Response {
	x := &httpdriver.Exchange{}
	t.session.Do(ctx, x, req)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.exchange(req, x)
	return &x.Response
}

// Batch implements scenario.Client.
func (t *tracer) Batch(ctx context.Context, reqs []*scenario.Request) []*scenario.Response {
	exchanges := make([]*httpdriver.Exchange, len(reqs))
	out := make([]*scenario.Response, len(reqs))
	var wg sync.WaitGroup
	for i, req := range reqs {
		exchanges[i] = &httpdriver.Exchange{}
		out[i] = &exchanges[i].Response
		wg.Go(func() { t.session.Do(ctx, exchanges[i], req) })
	}
	wg.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line("  batch of %d", len(reqs))
	for i, req := range reqs {
		t.exchange(req, exchanges[i])
	}
	return out
}

// Measure implements scenario.Client.
func (t *tracer) Measure(m scenario.Measure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := terminal.Number(m.Value)
	if m.Kind == load.MeasureEvent {
		text = terminal.Millis(m.Value)
	}
	if m.Failed {
		text += ", failed"
		t.failed = true
	}
	t.line("  %s %s: %s", m.Kind, m.Name, text)
}

// exchange prints a request with what came of it. The caller holds the lock.
func (t *tracer) exchange(req *scenario.Request, x *httpdriver.Exchange) {
	r := &x.Response
	t.settle(false)
	t.secrets.learnFields(req.Header)
	address := req.URL
	if strings.HasPrefix(address, "/") {
		address = t.target + address
	}
	name := ""
	if req.Name != "" {
		name = " (name: " + terminal.Printable(t.secrets.mask(req.Name)) + ")"
	}
	t.raw("  %s %s %s%s", t.palette.Title.Render("→"), req.Method, terminal.Printable(t.secrets.url(address)), name)
	t.fields(req.Header)
	t.body(contentType(req.Header), req.Body)
	if r.Err != nil {
		t.failed = true
		t.raw("  %s %s after %s: %s", t.palette.Bad.Render("←"), r.Class, terminal.Millis(msOf(r.Elapsed)), t.secrets.mask(r.Err.Error()))
		return
	}
	var header []scenario.Field
	if r.Header != nil {
		for name, value := range r.Header {
			header = append(header, scenario.Field{Name: strings.Clone(name), Value: strings.Clone(value)})
		}
	}
	t.secrets.learnFields(header)
	status := fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status))
	style := t.palette.Good
	if t.last = r.Status; t.last >= http.StatusBadRequest {
		t.waiting, style = true, t.palette.Bad
	}
	t.raw("  %s %s in %s", style.Render("←"), strings.TrimSpace(status), terminal.Millis(msOf(r.Elapsed)))
	t.fields(header)
	t.body(contentType(header), r.Body)
}

// settle decides whether the request before failed: its status did, unless a check found it good.
func (t *tracer) settle(checked bool) {
	t.failed = t.failed || t.waiting && !checked
	t.waiting = false
}

// ended prints how a hook or a task ended and reports whether it did well.
func (t *tracer) ended(name string, out scenario.Outcome) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle(out.Check == scenario.CheckPassed)
	switch {
	case out.Exhausted != "":
		t.line("  %s", out.Exhausted)
	case out.Check == scenario.CheckPassed:
		t.raw("  %s check_%s passed", t.palette.Good.Render("✓"), terminal.Printable(name))
	case out.Failed:
		t.failed = true
		what := name
		if out.Check == scenario.CheckFailed {
			what = "check_" + name
		}
		t.raw("  %s %s failed", t.palette.Bad.Render("✗"), terminal.Printable(what))
		t.indented("    ", out.Message)
	}
	t.blank()
	return !out.Failed
}

func (t *tracer) heading(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.raw("%s", t.palette.Title.Render(terminal.Printable(text)))
}

func (t *tracer) fields(list []scenario.Field) {
	for _, f := range list {
		t.raw("      %s", t.palette.Faint.Render(terminal.Printable(f.Name+": "+t.secrets.field(f))))
	}
}

// maxShown is how much of a body is shown, in bytes.
const maxShown = 4 << 10

// body prints a body, or how large it is if it is no text.
func (t *tracer) body(kind string, body []byte) {
	if len(body) == 0 {
		return
	}
	if !isText(body) {
		t.raw("      (%s bytes, %s)", terminal.Count(int64(len(body))), terminal.Printable(kind))
		return
	}
	text := t.secrets.body(kind, string(body))
	more := len(text) - maxShown
	if more > 0 {
		text = strings.ToValidUTF8(text[:maxShown], "")
	}
	t.lines("      ", text)
	if more > 0 {
		t.raw("      … and %s more bytes", terminal.Count(int64(more)))
	}
}

// line prints a line with secrets masked.
func (t *tracer) line(format string, args ...any) {
	t.raw("%s", terminal.Printable(t.secrets.mask(fmt.Sprintf(format, args...))))
}

// indented prints a text with secrets masked.
func (t *tracer) indented(margin, text string) { t.lines(margin, t.secrets.mask(text)) }

func (t *tracer) lines(margin, text string) {
	for line := range strings.Lines(text) {
		t.raw("%s%s", margin, terminal.Printable(strings.TrimRight(line, "\r\n")))
	}
}

func (t *tracer) blank() { t.raw("%s", "") }

// raw prints a line; one that the script has begun to print ends first.
func (t *tracer) raw(format string, args ...any) {
	text := fmt.Sprintf(format, args...) + "\n"
	if t.column > 0 {
		text, t.column = "\n"+text, 0
	}
	t.write(text)
}

func (t *tracer) write(text string) {
	if t.err == nil {
		_, t.err = io.WriteString(t.out, text)
	}
}

// A printer shows what the script prints, in its place.
type printer struct{ *tracer }

// Write implements io.Writer.
func (p *printer) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.Lines(p.secrets.mask(string(b))) {
		if p.column == 0 {
			p.write("  | ")
		}
		p.write(terminal.Printable(line))
		p.column = 1
		if strings.HasSuffix(line, "\n") {
			p.column = 0
		}
	}
	return len(b), p.err
}

func msOf(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
