package generator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/services/generator/users"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// Names of the setup in error samples.
const (
	taskStart = "on_start"
	taskStop  = "on_stop"
)

// connectTimeout bounds opening the connection of a prepared user that has nothing else to do at its start. If it fails, the
// first request tries again, and counts.
const connectTimeout = 5 * time.Second

// crew is what the users of one run have in common.
type crew struct {
	runner    Runner
	driver    *httpdriver.Driver
	recorder  *recorder
	tasks     []load.Task
	sequence  load.Sequence
	exhausted chan<- string // takes why the run must stop
	warmup    int           // seconds below this number are warm-up
	leaves    []atomic.Bool // by task: its last iteration in a strand has left it
}

// user is one virtual user: its script and its connections.
type user struct {
	script  User
	session *httpdriver.Session
}

// stopIf passes on that a script has run out of data. The first reason counts.
func (c *crew) stopIf(out scenario.Outcome) {
	if out.Exhausted == "" {
		return
	}
	select {
	case c.exhausted <- out.Exhausted:
	default:
	}
}

// NewUser implements users.Crew.
func (c *crew) NewUser() *user {
	if !c.runner.HasStart() {
		c.recorder.shard().add(sample{kind: kindUserStarted})
	}
	return &user{script: c.runner.NewUser(), session: c.driver.NewSession()}
}

// retries reports whether an iteration is tried in a strand though the one before of its task has left its own: one in 64 is. The choice
// is spread over the numbers by Fibonacci hashing, as a generator has those of a few slices only.
func retries(a pacer.Arrival) bool { return uint64(a.Number)*0x9E3779B97F4A7C15>>58 == 0 } //nolint:gosec // a hash

// Ready implements users.Crew. An iteration is worth a strand if its first request goes out at once, and if the one before of its task did
// not leave its strand.
func (c *crew) Ready(u *user, a pacer.Arrival) bool {
	return u.session.Ready() && (!c.leaves[c.sequence.Task(a.Number)].Load() || retries(a))
}

// NewWorker implements users.Crew.
func (c *crew) NewWorker() users.Worker[*user] {
	return &hands{crew: c, shard: c.recorder.shard()}
}

// hands runs one iteration after another, for any user. It is the client of the script that runs, whose coroutines may use it
// at the same time.
type hands struct {
	crew    *crew
	shard   *shard
	session *httpdriver.Session
	strand  *strand.Strand // in which the iteration runs; nil: in a goroutine
	warm    bool           // the iteration belongs to the warm-up
	samples []sample

	mu       sync.Mutex
	calls    []call // of the iteration so far; the exchanges beyond its length are kept for reuse
	first    int    // how many calls the script made before it saw an answer: its first request or batch, or several at the same time
	answered bool   // a call has ended
}

type call struct {
	request  *scenario.Request
	exchange *httpdriver.Exchange
}

// class is the call's transport error, "" for none. What the end of the run or the script itself cut off is cancelled: its time is
// not the target's, so it is not counted. What a limit of the script ended, as of asyncio.wait_for, took as long as it was
// waited for, and has timed out.
func (c call) class() string {
	r := &c.exchange.Response
	if r.Class == load.ErrorCancelled && errors.Is(r.Err, context.DeadlineExceeded) {
		return load.ErrorTimeout
	}
	return r.Class
}

// keptCalls is how many exchanges a worker keeps for its next iteration.
const keptCalls = 16

func (h *hands) begin(u *user) {
	h.session, h.warm, h.first, h.answered = u.session, false, 0, false
	if len(h.calls) > keptCalls {
		h.calls = append([]call(nil), h.calls[:keptCalls]...)
	}
	for i := range h.calls {
		h.calls[i].request = nil
	}
	h.calls = h.calls[:0]
	h.samples = h.samples[:0]
}

// ask notes n calls that begin now and returns them.
func (h *hands) ask(requests ...*scenario.Request) []call {
	h.mu.Lock()
	defer h.mu.Unlock()
	from := len(h.calls)
	for _, r := range requests {
		if len(h.calls) == cap(h.calls) {
			h.calls = append(h.calls, call{})
		} else {
			h.calls = h.calls[:len(h.calls)+1]
		}
		c := &h.calls[len(h.calls)-1]
		if c.exchange == nil {
			c.exchange = &httpdriver.Exchange{}
		}
		c.request, c.exchange.Strand = r, h.strand
	}
	if !h.answered {
		h.first = len(h.calls)
	}
	return h.calls[from:]
}

// answer notes that a call has ended.
func (h *hands) answer() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answered = true
}

// Do implements scenario.Client.
func (h *hands) Do(ctx context.Context, req *scenario.Request) *scenario.Response {
	x := h.ask(req)[0].exchange
	h.session.Do(ctx, x, req)
	h.answer()
	return &x.Response
}

// Batch implements scenario.Client.
func (h *hands) Batch(ctx context.Context, reqs []*scenario.Request) []*scenario.Response {
	calls := h.ask(reqs...)
	out := make([]*scenario.Response, len(calls))
	woven := h.strand.OnLoop()
	var wg sync.WaitGroup
	for i, c := range calls {
		out[i] = &c.exchange.Response
		if !woven {
			wg.Go(func() { h.session.Do(ctx, c.exchange, c.request) })
		}
	}
	if woven {
		h.strand.Together(len(calls), func(i int, s *strand.Strand) {
			calls[i].exchange.Strand = s
			h.session.Do(ctx, calls[i].exchange, calls[i].request)
		})
	}
	wg.Wait()
	h.answer()
	return out
}

// Aside implements scenario.Bystander.
func (h *hands) Aside() { h.strand.Leave() }

// Measure implements scenario.Client.
func (h *hands) Measure(m scenario.Measure) {
	if !h.warm {
		h.shard.add(h.crew.recorder.measured(m))
	}
}

// Start implements users.Worker. Users without on_start only open their connection.
func (h *hands) Start(ctx context.Context, u *user) bool {
	h.begin(u)
	if !h.crew.runner.HasStart() {
		ctx, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		link, _ := u.session.Connect(ctx)
		h.shard.add(appendLink(nil, &link, flagSetup)...)
		return true
	}
	out := u.script.Start(ctx, h)
	h.setup(taskStart, out)
	return !out.Failed && out.Exhausted == ""
}

// Stop implements users.Worker.
func (h *hands) Stop(ctx context.Context, u *user, started bool) {
	defer u.session.Close()
	if !started || !h.crew.runner.HasStop() {
		return
	}
	h.begin(u)
	h.setup(taskStop, u.script.Stop(ctx, h))
}

// setup records on_start or on_stop.
func (h *hands) setup(name string, out scenario.Outcome) {
	for _, c := range h.calls {
		x, class := c.exchange, c.class()
		h.samples = appendLink(h.samples, &x.Link, flagSetup)
		if class == load.ErrorCancelled {
			continue
		}
		_, class = judge(x.Response.Status, class, false, scenario.Outcome{})
		s := sample{kind: kindSetupRequest, class: h.crew.recorder.class(class)}
		s.response, s.service = micros(x.Done-x.Asked), micros(x.Done-x.Sent)
		s.setParts(x)
		h.samples = append(h.samples, s)
	}
	h.crew.stopIf(out)
	switch {
	case out.Failed:
		s := sample{kind: kindSetupFailed}
		if !h.explained() {
			s.class = h.crew.recorder.class(failureClass(out))
		}
		h.samples = append(h.samples, s)
		if name == taskStart {
			h.crew.recorder.setupFailed(cmp.Or(out.Message, out.Class))
		}
		h.crew.recorder.example(load.ErrorSample{Iteration: -1, Task: name, Class: failureClass(out), Message: out.Message})
	case name == taskStart && out.Exhausted != "": // a user for whom there is no row does not start, and that is no failure
		h.crew.recorder.setupFailed(out.Exhausted)
	case name == taskStart:
		h.samples = append(h.samples, sample{kind: kindUserStarted})
	}
	h.shard.add(h.samples...)
}

// explained reports whether the transport error of the last call stands for the exception that it raised.
func (h *hands) explained() bool {
	if len(h.calls) == 0 {
		return false
	}
	class := h.calls[len(h.calls)-1].class()
	return class != "" && class != load.ErrorCancelled
}

// Run implements users.Worker.
func (h *hands) Run(ctx context.Context, s *strand.Strand, u *user, a pacer.Arrival, called time.Duration) {
	h.begin(u)
	h.strand = s
	defer func() { h.strand = nil }()
	lag := called - a.Due
	task := h.crew.sequence.Task(a.Number)
	// What is not reported by the second is not reported at all of the warm-up.
	if h.warm = a.Token.Second < h.crew.warmup; !h.warm {
		h.shard.add(sample{kind: kindLag, response: micros(lag)})
	}
	out := u.script.Run(ctx, a.Number, task, h)
	if s != nil {
		h.crew.leaves[task].Store(!s.OnLoop())
	}
	h.crew.stopIf(out)
	if ctx.Err() != nil && out.Failed {
		// Cut off: what it had asked for counts as it went, but it was not completed and its exception is ours.
		h.measure(a, task, lag, scenario.Outcome{})
	} else {
		h.measure(a, task, lag, out)
		h.samples = append(h.samples, completed(a.Token.Second, task, out.Check))
	}
	h.shard.add(h.samples...)
}

// measure records the requests of an iteration. An exception whose request does not count, or that had none, counts as a request
// without a time.
func (h *hands) measure(a pacer.Arrival, task int, lag time.Duration, out scenario.Outcome) {
	rec, last, unseen := h.crew.recorder, h.last(out), out.Failed
	for i, c := range h.calls {
		x, class := c.exchange, c.class()
		if !h.warm {
			h.samples = appendLink(h.samples, &x.Link, 0)
		}
		if class == load.ErrorCancelled {
			continue
		}
		if i == last {
			unseen = false
		}
		failed, class := judge(x.Response.Status, class, i == last, out)
		due := x.Asked
		if i < h.first {
			due -= lag // think time is never lag, waiting for a user always is
		}
		s := newSample(kindRequest, a.Token.Second, task)
		s.status, s.class = narrow16(x.Response.Status), rec.class(class)
		s.response, s.service = micros(x.Done-due), micros(x.Done-x.Sent)
		s.in, s.out = narrow32(x.BytesIn), narrow32(x.BytesOut)
		if !h.warm {
			s.setParts(x)
		}
		if failed {
			s.flags |= flagFailed
			if !h.warm && rec.wants() {
				rec.example(h.example(a, task, class, c, out))
			}
		}
		h.samples = append(h.samples, s)
		if !h.warm && c.request.Name != "" {
			named := rec.measure(load.MeasureRequest, c.request.Name, failed)
			named.response = s.response
			h.samples = append(h.samples, named)
		}
	}
	if unseen {
		s := newSample(kindRequest, a.Token.Second, task)
		s.class, s.flags = rec.class(failureClass(out)), flagFailed|flagUntimed
		h.samples = append(h.samples, s)
		if !h.warm {
			rec.example(load.ErrorSample{
				Second: a.Token.Second, Iteration: a.Number, Task: h.crew.tasks[task].Name,
				Class: failureClass(out), Message: out.Message,
			})
		}
	}
}

// last is the call that the outcome is about.
func (h *hands) last(out scenario.Outcome) int {
	if out.Last != nil {
		for i, c := range h.calls {
			if &c.exchange.Response == out.Last {
				return i
			}
		}
	}
	return len(h.calls) - 1
}

func completed(second, task int, check scenario.CheckState) sample {
	s := newSample(kindCompleted, second, task)
	switch check {
	case scenario.CheckPassed:
		s.flags = flagCheckPassed
	case scenario.CheckFailed:
		s.flags = flagCheckFailed
	case scenario.CheckNone:
	}
	return s
}

// example describes a failed request.
func (h *hands) example(a pacer.Arrival, task int, class string, c call, out scenario.Outcome) load.ErrorSample {
	e := load.ErrorSample{
		Second: a.Token.Second, Iteration: a.Number, Task: h.crew.tasks[task].Name,
		Class: class, Status: c.exchange.Response.Status,
	}
	var why string
	switch {
	case c.exchange.Response.Err != nil:
		why = c.exchange.Response.Err.Error()
	case class == failureClass(out) && out.Message != "":
		e.Message = out.Message
		return e
	default:
		why = strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
	}
	e.Message = c.request.Method + " " + c.request.URL + ": " + why
	return e
}
