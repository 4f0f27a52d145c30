package scheduler

import (
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

func at(seconds float64) time.Time {
	return time.Unix(1_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

func TestNextSecondToPublish(t *testing.T) {
	t.Parallel()
	run := pendingRun("r", 10, 5)
	run.T0, run.Slices = at(0), 7
	constant, err := newTimetable(run, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	// 2 s at rate 0, then 2 s at a rate that climbs to 10: seconds 0 and 1 hold nothing.
	run.Plan.Shape = load.Shape{Mode: load.ModeStages, Stages: []load.Stage{{Duration: 2 * time.Second}, {Duration: 2 * time.Second, RPS: 10}}}
	late, err := newTimetable(run, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		table   timetable
		from    int
		now     float64
		second  int
		skipped int
		over    bool
	}{
		{"before the start", constant, 0, -1.5, 0, 0, false},
		{"in time for second 2: its start less the lead is 1", constant, 2, 1, 2, 0, false},
		{"after the lead, before the start", constant, 2, 1.9, 2, 0, false},
		{"99 ms into it is within tolerance", constant, 2, 2.099, 2, 0, false},
		{"100 ms into it is too late", constant, 2, 2.1, 3, 1, false},
		{"seconds 0, 1, 2 have begun", constant, 0, 2.5, 3, 3, false},
		{"all five have begun", constant, 0, 60, 5, 5, true},
		{"all are published", constant, 5, 4, 5, 0, true},
		{"seconds without arrivals are not skipped ones", late, 0, -1.5, 2, 0, false},
		{"only second 2 was worth anything", late, 0, 2.5, 3, 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := tt.table.next(tt.from, at(tt.now))
			if d.second != tt.second || d.skipped != tt.skipped || d.over != tt.over {
				t.Errorf("second %d skipped %d over %v, want %d %d %v", d.second, d.skipped, d.over, tt.second, tt.skipped, tt.over)
			}
			if want := at(float64(tt.second) - 1); !d.over && !d.at.Equal(want) {
				t.Errorf("at %v, want %v", d.at, want)
			}
			if want := at(float64(tt.second) + 0.1); !d.over && !d.deadline.Equal(want) {
				t.Errorf("deadline %v, want %v", d.deadline, want)
			}
		})
	}
}

func TestResume(t *testing.T) {
	t.Parallel()
	run := pendingRun("r", 10, 5)
	run.T0 = at(0)
	table, err := newTimetable(run, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		last  int
		found bool
		now   float64
		want  int
	}{
		{"nothing published", 0, false, 3, 0},
		{"the last second may be there in part", 3, true, 2.5, 3},
		{"within tolerance", 3, true, 3.05, 3},
		{"it has begun", 3, true, 3.5, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := table.resume(tt.last, tt.found, at(tt.now)); got != tt.want {
				t.Errorf("resume at %d, want %d", got, tt.want)
			}
		})
	}
}

func TestDecideStart(t *testing.T) {
	t.Parallel()
	run := load.Run{ID: "r", Pool: "p", Generators: 2}
	ok := load.GeneratorStatus{Pool: "p", Prepared: map[string]load.Prepared{"r": {Users: 3}}}
	bad := load.GeneratorStatus{Pool: "p", Prepared: map[string]load.Prepared{"r": {Error: "login refused"}}}
	worse := load.GeneratorStatus{Pool: "p", Prepared: map[string]load.Prepared{"r": {Error: "abc"}}}
	idle := load.GeneratorStatus{Pool: "p", Prepared: map[string]load.Prepared{"other": {Users: 1}}}
	leaving := load.GeneratorStatus{Pool: "p", Draining: true}
	foreign := load.GeneratorStatus{Pool: "q", Prepared: map[string]load.Prepared{"r": {Users: 1}}}
	const timeout = 30 * time.Second
	for _, tt := range []struct {
		name   string
		fleet  []load.GeneratorStatus
		waited time.Duration
		want   barrier
	}{
		{"nobody yet", nil, 0, barrier{}},
		{"one of two", []load.GeneratorStatus{ok}, timeout - 1, barrier{}},
		{"two of two", []load.GeneratorStatus{ok, ok}, 0, barrier{start: true, generators: 2}},
		{"a third is alive and not ready", []load.GeneratorStatus{ok, ok, idle}, 0, barrier{}},
		{"it is not waited for when it leaves", []load.GeneratorStatus{ok, ok, leaving}, 0, barrier{start: true, generators: 2}},
		{"another pool's does not count", []load.GeneratorStatus{ok, foreign}, 0, barrier{}},
		{"one of two after the time", []load.GeneratorStatus{ok}, timeout, barrier{start: true, generators: 1}},
		{"one could start, one could not", []load.GeneratorStatus{ok, bad}, 0, barrier{start: true, generators: 1}},
		{"none could start", []load.GeneratorStatus{bad, worse}, 0, barrier{
			failed: true, cause: load.CauseTarget, reason: "abc",
		}},
		{"one could not start, the time is over", []load.GeneratorStatus{bad, idle}, timeout, barrier{
			failed: true, cause: load.CauseTarget, reason: "login refused",
		}},
		{"nobody after the time", nil, timeout, barrier{
			failed: true, cause: load.CauseInfra, reason: `no generator prepared within 30s: none is running in pool "p"`,
		}},
		{"only other pools after the time", []load.GeneratorStatus{foreign}, timeout, barrier{
			failed: true, cause: load.CauseInfra, reason: `no generator prepared within 30s: none is running in pool "p", only in q`,
		}},
		{"silent ones after the time", []load.GeneratorStatus{idle, idle}, timeout, barrier{
			failed: true, cause: load.CauseInfra, reason: `no generator prepared within 30s: 2 of pool "p" alive, none has reported`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := decideStart(run, tt.fleet, tt.waited, timeout); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestConfigRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"no lead":                    func(c *Config) { c.Lead = 0 },
		"start delay below the lead": func(c *Config) { c.StartDelay = c.Lead - 1 },
		"no time to prepare":         func(c *Config) { c.PrepareTimeout = 0 },
	} {
		c := DefaultConfig()
		change(&c)
		if _, err := New(c, Deps{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
