package aggregator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// 70 iterations a second in 7 slices: 10 in each token.
func TestLedgerOfASecond(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 1)
	toks := tokensOf(t, run, 0)
	for _, tt := range []struct {
		name    string
		stop    float64 // seconds after second 0; 0: none
		never   int64
		reports []load.TokenReport
		tasks   []load.TaskReport
		want    load.Ledger
	}{
		{"nothing was heard: 70 lost", 0, 0, nil, nil, load.Ledger{Planned: 70, Lost: 70}},
		{"one token was never issued", 0, 10, nil, nil, load.Ledger{Planned: 70, NeverIssued: 10, Lost: 60}},
		{
			"one token: 7 started, of which 5 completed, 2 dropped, 1 unexplained", 0, 0,
			[]load.TokenReport{report(toks[0], 7, 2)},
			[]load.TaskReport{done(0, "browse", 5)},
			load.Ledger{Planned: 70, Started: 7, Completed: 5, Unfinished: 2, Dropped: 2, Lost: 61},
		},
		{
			"two generators ran one token: 10 + 4 started, 4 of them twice", 0, 0,
			[]load.TokenReport{report(toks[0], 10, 0), report(toks[0], 4, 6)},
			[]load.TaskReport{done(0, "browse", 14)},
			load.Ledger{Planned: 70, Started: 14, Completed: 14, Repeated: 4, Lost: 60},
		},
		{
			// Due(k) = (k + ½)/70 s: 35 are due before 0.5 s. The token holds 0, 7, 14, 21, 28 before and 5 after the stop.
			"stopped half way: the holder started 5 and cancelled 5", 0.5, 0,
			[]load.TokenReport{report(toks[0], 5, 5)},
			[]load.TaskReport{done(0, "browse", 5)},
			load.Ledger{Planned: 70, Started: 5, Completed: 5, Cancelled: 35, Lost: 30},
		},
		{
			"stopped half way: 2 more were started before the stop was known", 0.5, 0,
			[]load.TokenReport{report(toks[0], 7, 3)},
			[]load.TaskReport{done(0, "browse", 7)},
			load.Ledger{Planned: 70, Started: 7, Completed: 7, Cancelled: 33, Lost: 30},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run := run
			if tt.stop > 0 {
				run.State, run.StoppedAt = load.StateStopping, at(tt.stop)
			}
			a := mustAccount(t, run)
			var l log
			for i, r := range tt.reports {
				l.event(strconv.Itoa(i), load.Event{Tokens: []load.TokenReport{r}})
			}
			l.event("tasks", load.Event{Tasks: tt.tasks})
			l.decide(load.Decision{Kind: load.DecisionClose, NeverIssued: tt.never})
			feed(t, a, l.records...)
			got := a.result(load.StateDone).Ledger
			if d := cmp.Diff(tt.want, got); d != "" || !got.Balanced() {
				t.Errorf("balanced %v, ledger (-want +got):\n%s", got.Balanced(), d)
			}
		})
	}
}

func TestResultOfASmallRun(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 2)
	a := mustAccount(t, run)
	var l log
	for s := range 2 {
		for i, tok := range tokensOf(t, run, s) {
			// Each token: 10 iterations of 1 to 10 ms, called 1 ms late; slices 0 to 5 browse, slice 6 buys.
			task := "browse"
			if i == 6 {
				task = "buy"
			}
			e := load.Event{
				Users: i, CPUPercent: float64(10 * i), ClockError: time.Millisecond, Lag: times(1000),
				Tokens: []load.TokenReport{report(tok, 10, 0)}, Tasks: []load.TaskReport{done(s, task, 10)},
			}
			if i == 0 {
				e.Tasks[0].Failed, e.Tasks[0].Errors, e.Tasks[0].FailedTime = 1, map[string]int64{"http_500": 1}, times(10_000)
				e.Tasks[0].Status = map[int]int64{200: 9, 500: 1}
				e.Samples = []load.ErrorSample{{Second: s, Task: task, Class: "http_500", Status: 500}}
			}
			l.event(strconv.Itoa(i%2), e)
		}
		l.decide(load.Decision{Kind: load.DecisionClose, Second: s})
	}
	l.decide(load.Decision{Kind: load.DecisionEnd, Through: 15})
	feed(t, a, l.records...)
	r := a.result(load.StateDone)
	// 2 s · 70 = 140 requests, 2 of them failed: 1.43 %. Among 1 to 10 ms, each 14 times, the median is 5 and p99 10 ms.
	want := load.Ledger{Planned: 140, Started: 140, Completed: 140}
	if d := cmp.Diff(want, r.Ledger); d != "" {
		t.Errorf("ledger (-want +got):\n%s", d)
	}
	for name, pair := range map[string][2]any{
		"state":            {r.State, load.StateDone},
		"duration":         {r.DurationSecs, 2.0},
		"rps_actual":       {r.RPSActual, 70.0},
		"requests_per_sec": {r.RequestsPerSec, 70.0},
		"requests":         {r.RequestsTotal, int64(140)},
		"errors":           {r.ErrorsTotal, int64(2)},
		"error rate":       {r.ErrorRatePct, 200.0 / 140},
		"mean":             {r.Response.MeanMs, 5.5},
		"max":              {r.MaxMs, 10.0},
		"failed count":     {r.Failed.Count, int64(2)},
		"lag count":        {r.Lag.Count, int64(14)},
		"statuses":         {fmt.Sprint(r.StatusCodes), "map[200:138 500:2]"},
		"seconds":          {len(r.Series), 2},
		"series started":   {r.Series[1].Started, int64(70)},
		"series closed":    {r.Series[1].Closed, true},
		"tasks":            {len(r.Tasks), 2},
		"browse":           {r.Tasks[0].Iterations, int64(120)},
		"browse weight":    {r.Tasks[0].Weight, 5},
		"buy":              {r.Tasks[1].Requests, int64(20)},
		"error class":      {r.Errors[0].Class, "http_500"},
		"error samples":    {len(r.Errors[0].Samples), 2},
		"generators":       {len(r.Generators), 2},
		"most users":       {r.Generators[0].Users, 6},
		"cpu":              {r.Generators[1].CPUPercent, 50.0},
		"last second":      {r.Generators[1].LastSecond, 1},
		"started by 0":     {r.Generators[0].Started + r.Generators[1].Started, int64(140)},
		"passed":           {r.Verdict.Passed, true},
		"trust":            {r.Trust.Level, load.TrustTrusted},
		"exit":             {r.ExitCode(), load.ExitPassed},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
	if r.P50Ms < 4.99 || r.P50Ms > 5.01 || r.P99Ms < 9.99 || r.P99Ms > 10.01 {
		t.Errorf("p50 %v p99 %v, want 5 and 10 ms", r.P50Ms, r.P99Ms)
	}
}

func TestEventsCountOnce(t *testing.T) {
	t.Parallel()
	a := mustAccount(t, runningRun(70, 1))
	event := func(seq uint64, n int64) load.Record {
		return load.Record{Sequence: 10 + seq, Event: &load.Event{
			Run: "r", Instance: "a", Seq: seq, Tasks: []load.TaskReport{done(0, "buy", n)},
		}}
	}
	feed(t, a, event(2, 20), event(1, 1), event(2, 20), event(1, 1), event(5, 300))
	r := a.result(load.StateDone)
	if r.RequestsTotal != 321 {
		t.Errorf("%d requests, want 1 + 20 + 300", r.RequestsTotal)
	}
	if gaps := a.instances["a"].gaps(); gaps != 2 {
		t.Errorf("%d events missing, want 2: 3 and 4", gaps)
	}
	if r.Trust.Level != load.TrustUntrusted {
		t.Errorf("trust %s although events are missing", r.Trust.Level)
	}
}

func TestEventsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 1)
	tok := tokensOf(t, run, 0)[0]
	good := report(tok, 5, 5)
	for name, change := range map[string]func(*load.Event){
		"another run":         func(e *load.Event) { e.Run = "x" },
		"no sequence":         func(e *load.Event) { e.Seq = 0 },
		"second out of range": func(e *load.Event) { e.Tokens[0].Second = 1 },
		"slice out of range":  func(e *load.Event) { e.Tokens[0].Slice = 7 },
		"nothing planned":     func(e *load.Event) { e.Tokens[0].Planned = 0 },
		"too much planned":    func(e *load.Event) { e.Tokens[0].Planned = load.MaxRPS + 1 },
		"counts down":         func(e *load.Event) { e.Tokens[0].Started = -1 },
		"task second":         func(e *load.Event) { e.Tasks = []load.TaskReport{{Second: -1}} },
		"more failed":         func(e *load.Event) { e.Tasks = []load.TaskReport{{Requests: 1, Failed: 2}} },
		"measure of no kind": func(e *load.Event) {
			e.Measures = []load.MeasureReport{{MeasureName: load.MeasureName{Name: "x"}, Count: 1}}
		},
		"torn histogram of a measure": func(e *load.Event) {
			e.Measures = []load.MeasureReport{{
				MeasureName: load.MeasureName{Kind: load.MeasureEvent, Name: "x"}, Count: 1, Times: histogram.Snapshot{Count: 1, HDR: "?"},
			}}
		},
		"connections count down": func(e *load.Event) { e.Connections.Opened = -1 },
		"more refused":           func(e *load.Event) { e.Setup.Connections.Refused = 1 },
		"torn histogram of the connections": func(e *load.Event) {
			e.Connections = load.ConnectionReport{Opened: 1, Connect: histogram.Snapshot{Count: 1, HDR: "?"}}
		},
		"torn histogram": func(e *load.Event) {
			e.Lag = times(5)
			e.Lag.HDR = e.Lag.HDR[:10]
		},
		"torn histogram of a task": func(e *load.Event) {
			e.Tasks = []load.TaskReport{{Response: histogram.Snapshot{Count: 1, HDR: "?"}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := mustAccount(t, run)
			e := load.Event{Run: "r", Instance: "a", Seq: 1, Tokens: []load.TokenReport{good}}
			change(&e)
			err := a.apply(load.Record{Sequence: 1, Event: &e})
			if !errors.Is(err, load.ErrInvalid) && !errors.Is(err, histogram.ErrCorrupt) {
				t.Errorf("error %v", err)
			}
			if r := a.result(load.StateDone); r.Ledger.Started != 0 || r.RequestsTotal != 0 {
				t.Errorf("something of it was merged: %+v", r.Ledger)
			}
			if inst := a.instances["a"]; inst != nil && inst.gaps() != 1 {
				t.Errorf("%d events missing, want 1", inst.gaps())
			}
		})
	}
	if err := mustAccount(t, run).apply(load.Record{}); !errors.Is(err, load.ErrInvalid) {
		t.Errorf("empty record: %v", err)
	}
}

func TestLateEventsAreCountedNotMerged(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 1)
	event := func(sequence, seq uint64) load.Record {
		return load.Record{Sequence: sequence, Event: &load.Event{
			Run: "r", Instance: "a", Seq: seq, Tasks: []load.TaskReport{done(0, "buy", 1)},
		}}
	}
	end := load.Record{Sequence: 5, Decision: &load.Decision{Run: "r", Kind: load.DecisionEnd, Through: 2}}
	stream := []load.Record{event(1, 1), event(2, 2), event(3, 3), event(4, 3), end, event(6, 4)}

	// The owner that ended the run had sealed it before.
	owner := mustAccount(t, run)
	feed(t, owner, stream[:2]...)
	owner.seal(2)
	feed(t, owner, stream[2:]...)
	// A successor finds out only when it reads the end, and begins again.
	late := mustAccount(t, run)
	feed(t, late, stream...)
	if owner.void || !late.void {
		t.Fatalf("void: owner %v, want false; successor %v, want true", owner.void, late.void)
	}
	again := mustAccount(t, run)
	again.seal(late.through)
	feed(t, again, stream...)
	want, got := owner.result(load.StateDone), again.result(load.StateDone)
	if want.RequestsTotal != 2 || want.LateEvents != 1 {
		t.Errorf("%d requests, %d late events; want 2 and 1", want.RequestsTotal, want.LateEvents)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("successor (-owner +successor):\n%s", d)
	}
	// An owner that was overtaken had sealed the run at another number.
	overtaken := mustAccount(t, run)
	feed(t, overtaken, stream[:1]...)
	overtaken.seal(1)
	feed(t, overtaken, stream[1:]...)
	if !overtaken.void {
		t.Error("an account that was sealed at another number is taken for good")
	}
}

// Whatever the order of the events of all instances, however often they are copied, when the seconds are closed and when the record
// with the changes of the rate comes: the same bytes. So do snapshots and lines of the series taken on the way.
func TestResultDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 1))
		run := runningRun(float64(20+rng.IntN(80)), 1+rng.IntN(6))
		if rng.IntN(2) == 0 {
			run.State, run.StoppedAt, run.Reason = load.StateStopping, at(rng.Float64()*8), "stopped by user"
		}
		for second := rng.IntN(3); rng.IntN(3) > 0; second += 1 + rng.IntN(2) {
			run.Changes = append(run.Changes, load.Change{
				Second: second, Kind: []load.ChangeKind{load.ChangePause, load.ChangeRate, load.ChangeResume}[rng.IntN(3)], RPS: 150 * rng.Float64(),
			})
		}
		for i := range run.Changes {
			if run.Changes[i].Kind != load.ChangeRate {
				run.Changes[i].RPS = 0
			}
		}
		events, never := history(t, rng, run)
		var first []byte
		for variant := range 6 {
			body := play(t, rand.New(rand.NewPCG(seed, uint64(variant))), run, events, never)
			if first == nil {
				first = body
			}
			if !bytes.Equal(first, body) {
				t.Fatalf("seed %d, variant %d: other bytes\n%s\n%s", seed, variant, first, body)
			}
		}
	}
}

// play shuffles the events, copies some, mixes the close decisions in, and returns the result's JSON.
func play(t *testing.T, rng *rand.Rand, run load.Run, events []load.Event, never map[int]int64) []byte {
	t.Helper()
	events = slices.Clone(events)
	for range len(events) / 3 {
		events = append(events, events[rng.IntN(len(events))])
	}
	rng.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	var records []load.Record
	for i := range events {
		records = append(records, load.Record{Event: &events[i]})
	}
	profile := mustProfile(t, run)
	next := 0 // the decisions keep their order
	for s := range profile.Seconds() {
		d := load.Decision{Run: "r", Kind: load.DecisionClose, Second: s, NeverIssued: never[s]}
		next += rng.IntN(len(records) - next + 1)
		records = slices.Insert(records, next, load.Record{Decision: &d})
		next++
	}
	known := run // so far
	known.Changes = run.Changes[:rng.IntN(len(run.Changes)+1)]
	a := mustAccount(t, known)
	for i := range records {
		records[i].Sequence = uint64(i) + 1
		feed(t, a, records[i])
		if n := len(known.Changes); n < len(run.Changes) && rng.IntN(len(records)-i) == 0 {
			known.Changes = run.Changes[:n+1]
			a.update(known)
		}
		if rng.IntN(20) == 0 {
			a.snapshot(at(rng.Float64() * 10))
			a.takeChanged()
		}
	}
	a.update(run)
	feed(t, a, load.Record{Sequence: 1 << 40, Decision: &load.Decision{Kind: load.DecisionEnd, Through: 1 << 39}})
	r := a.result(load.StateDone)
	if !r.Ledger.Balanced() || r.Ledger.Planned != profile.Total() {
		t.Fatalf("ledger does not balance: %+v, %d planned", r.Ledger, profile.Total())
	}
	for _, line := range r.Series {
		if !line.Ledger.Balanced() || line.Ledger.Planned != line.TargetRPS {
			t.Fatalf("second %d does not balance: %+v", line.Second, line.Ledger)
		}
	}
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// One event and the same content in several events give the same result.
func TestSplitEventsAddUp(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 1)
	toks := tokensOf(t, run, 0)
	whole := load.Event{Users: 3, CPUPercent: 7, Lag: times(1, 2, 3)}
	var parts []load.Event
	for i, tok := range toks {
		r := report(tok, 10, 0)
		task := done(0, "browse", 10)
		sample := load.ErrorSample{Iteration: int64(i), Class: "x"}
		whole.Tokens, whole.Tasks = append(whole.Tokens, r), append(whole.Tasks, task)
		whole.Samples = append(whole.Samples, sample)
		begun := r
		begun.Final, begun.Started, r.Started = false, 4, 6
		lag := histogram.Snapshot{}
		if i < 3 {
			lag = times(int64(i) + 1)
		}
		parts = append(parts,
			load.Event{Users: 3, CPUPercent: 7, Lag: lag, Tokens: []load.TokenReport{begun}, Tasks: []load.TaskReport{task}},
			load.Event{Users: 3, CPUPercent: 7, Tokens: []load.TokenReport{r}, Samples: []load.ErrorSample{sample}})
	}
	one, many := mustAccount(t, run), mustAccount(t, run)
	var single, several log
	single.event("a", whole)
	for _, p := range parts {
		several.event("a", p)
	}
	feed(t, one, single.records...)
	feed(t, many, several.records...)
	if d := cmp.Diff(one.result(load.StateDone), many.result(load.StateDone)); d != "" {
		t.Errorf("(-whole +parts):\n%s", d)
	}
}

func TestWholeSecondsForgetTheirTokens(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 2)
	a := mustAccount(t, run)
	var l log
	for _, tok := range tokensOf(t, run, 0) {
		l.event("a", load.Event{Tokens: []load.TokenReport{report(tok, 10, 0)}})
	}
	l.decide(load.Decision{Kind: load.DecisionClose})
	feed(t, a, l.records...)
	a.takeChanged()
	if sec := a.seconds[0]; !sec.whole || sec.tallies != nil {
		t.Fatal("the tallies of a whole second are kept")
	}
	// A zombie reports one of its tokens again: 3 more were started.
	l.records = nil
	l.event("zombie", load.Event{Tokens: []load.TokenReport{report(tokensOf(t, run, 0)[2], 3, 7)}})
	feed(t, a, l.records...)
	lines := a.takeChanged()
	want := load.Ledger{Planned: 70, Started: 73, Unfinished: 73, Repeated: 3}
	if len(lines) != 1 || lines[0].Ledger != want {
		t.Errorf("amended lines %+v, want one with %+v", lines, want)
	}
}

// Seconds 1 and 2 were reported as they were planned, 10 arrivals in each of 7 tokens, and second 1 is whole. Then a record comes
// with a pause in second 1 and half the rate in second 2, of which the schedulers had not heard: what was started is known, and no
// more of it was planned.
func TestChangeThatCameTooLate(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 3)
	a := mustAccount(t, run)
	var l log
	for s := 1; s <= 2; s++ {
		for i, tok := range tokensOf(t, run, s) {
			if s == 2 && i == 0 {
				continue // its generator died
			}
			l.event("a", load.Event{Tokens: []load.TokenReport{report(tok, 10, 0)}, Tasks: []load.TaskReport{done(s, "buy", 10)}})
		}
	}
	l.decide(load.Decision{Kind: load.DecisionClose, Second: 1})
	feed(t, a, l.records...)
	a.takeChanged()
	run.Changes = []load.Change{{Second: 1, Kind: load.ChangePause}, {Second: 2, Kind: load.ChangeRate, RPS: 35}}
	a.update(run)
	got := map[int]load.Ledger{}
	for _, line := range a.takeChanged() {
		got[line.Second] = line.Ledger
	}
	want := map[int]load.Ledger{
		1: {Started: 70, Completed: 70, Repeated: 70},
		// 5 arrivals in each token: 6 of them started 10 instead, and the seventh is lost.
		2: {Planned: 35, Started: 60, Completed: 60, Repeated: 30, Lost: 5},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("amended lines (-want +got):\n%s", d)
	}
}

// In a pause a generator has nothing to report; its users are there until it is lost.
func TestUsersOfASilentGenerator(t *testing.T) {
	t.Parallel()
	a := mustAccount(t, runningRun(70, 100))
	var l log
	l.decide(load.Decision{Kind: load.DecisionFleet, Number: 1, Changes: []load.FleetChange{joined("gen-a", "a")}})
	l.event("a", load.Event{Users: 3})
	feed(t, a, l.records...)
	for s := range 40 {
		if live := a.snapshot(at(float64(s))); live.ActiveWorkers != 3 {
			t.Fatalf("%d users after %d s, want 3", live.ActiveWorkers, s)
		}
	}
	lost := load.FleetChange{Kind: load.IncidentLost, Generator: "gen-a", Instance: "a"}
	a.obey(load.Decision{Kind: load.DecisionFleet, Number: 2, Changes: []load.FleetChange{lost}})
	if live := a.snapshot(at(40)); live.ActiveWorkers != 0 {
		t.Errorf("%d users of a generator that is lost", live.ActiveWorkers)
	}
}

// A long run needs little memory for each second.
//
//nolint:paralleltest // it measures the heap
func TestMemoryOfALongRun(t *testing.T) {
	if testing.Short() {
		t.Skip("10,000 seconds")
	}
	run := runningRun(100, 10_000)
	run.Slices = 35
	a := mustAccount(t, run)
	rng := rand.New(rand.NewPCG(1, 1))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var snapshots []histogram.Snapshot
	for range 8 {
		micros := make([]int64, 100)
		for i := range micros {
			micros[i] = int64(20_000 * (1 + rng.ExpFloat64())) // 20 ms and an exponential tail of 20 ms
		}
		snapshots = append(snapshots, times(micros...))
	}
	sequence := uint64(0)
	for s := range 10_000 {
		e := load.Event{Run: "r", Instance: "a"}
		for _, tok := range a.profile.Tokens("r", s, run.Slices, run.T0) {
			e.Tokens = append(e.Tokens, report(tok, tok.Count, 0))
		}
		snapshot := snapshots[s%len(snapshots)]
		e.Tasks = []load.TaskReport{{Second: s, Task: "buy", Iterations: 100, Requests: 100, Response: snapshot, Service: snapshot}}
		sequence++
		e.Seq = sequence
		feed(t, a, load.Record{Sequence: sequence, Event: &e},
			load.Record{Decision: &load.Decision{Kind: load.DecisionClose, Second: s}})
		a.takeChanged()
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	perSecond := float64(after.HeapAlloc-before.HeapAlloc) / 10_000
	t.Logf("%.0f bytes a second", perSecond)
	if perSecond > 2_000 {
		t.Errorf("%.0f bytes for each second, want at most 2,000", perSecond)
	}
	runtime.KeepAlive(a)
}
