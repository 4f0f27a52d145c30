//go:build unix

package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	// patience is how long a run may take to its result after its last planned second.
	patience = 90 * time.Second
	poll     = 50 * time.Millisecond
)

// program is the binary under test, built once: by the first that needs it, or, if that one cannot, by the next.
var program struct {
	mu   sync.Mutex
	path string
}

// fleets holds back whoever wants to start a fleet more than a small machine can feed.
var fleets = make(chan struct{}, 2)

// startFleet starts a fleet of the binary under test, as soon as there is room for it.
func startFleet(t *testing.T, config testkit.FleetConfig) *testkit.Fleet {
	t.Helper()
	fleets <- struct{}{}
	t.Cleanup(func() { <-fleets })
	program.mu.Lock()
	if program.path == "" {
		program.path = testkit.Binary(t, "LOADPILOT_PROGRAM", "github.com/loadpilot/loadpilot/cmd/loadpilot")
	}
	program.mu.Unlock()
	config.Program, config.Dir = program.path, t.TempDir()
	config.Env = []string{"XDG_STATE_HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir()}
	return testkit.StartFleet(t, config)
}

// order is a run to be made: the fields of a submission that differ from the scenario file.
type order struct {
	RPS      float64 `json:"rps,omitempty"`
	Duration string  `json:"duration,omitempty"`
	RampUp   string  `json:"ramp_up,omitempty"`
	Mode     string  `json:"mode,omitempty"`
	MaxLag   string  `json:"max_lag,omitempty"`
	// Generators is how many the start waits for.
	Generators int `json:"generators,omitempty"`

	Source string `json:"source"`
	Target string `json:"target"`
}

// trial is one run on a fleet, against a target of its own.
type trial struct {
	t      *testing.T
	fleet  *testkit.Fleet
	target string
	id     string

	planned *load.Profile // once somebody has asked for it
	store   *redis.Client // likewise
}

// view is what the gateway tells of a run.
type view struct {
	ID        string          `json:"id"`
	State     load.State      `json:"state"`
	Reason    string          `json:"reason"`
	StartedAt *time.Time      `json:"started_at"`
	StoppedAt *time.Time      `json:"stopped_at"`
	Changes   []load.Change   `json:"changes"`
	Result    json.RawMessage `json:"result"`
	Plan      struct {
		Mode     load.Mode `json:"mode"`
		RPS      float64   `json:"rps"`
		Duration string    `json:"duration"`
		RampUp   string    `json:"ramp_up"`
		Steps    int       `json:"steps"`
		MaxLag   string    `json:"max_lag"`
	} `json:"plan"`
}

// submit starts a run of the scenario that numbers its requests. flags are those of the target.
func submit(t *testing.T, fleet *testkit.Fleet, o order, flags ...string) *trial {
	t.Helper()
	source, err := os.ReadFile("testdata/counted.py")
	require.NoError(t, err)
	o.Source, o.Target = string(source), testkit.StartTargetProcess(t, flags...)
	var run view
	_, err = fleet.Do(http.MethodPost, "/v1/runs", o, &run)
	require.NoError(t, err)
	return &trial{t: t, fleet: fleet, target: o.Target, id: run.ID}
}

// look asks for the run; false while no gateway answers.
func (r *trial) look() (run view, ok bool) {
	status, err := r.fleet.Do(http.MethodGet, "/v1/runs/"+r.id, nil, &run)
	return run, err == nil && status == http.StatusOK
}

// await polls until holds says so, for as long as a run may take.
func (r *trial) await(what string, holds func() bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.t.Fatalf("run %s: never: %s", r.id, what)
		}
	}
}

// begun waits until the run has a second 0 and returns its time.
func (r *trial) begun() (t0 time.Time) {
	r.t.Helper()
	r.await("the run starts", func() bool {
		run, ok := r.look()
		if !ok || run.StartedAt == nil {
			return false
		}
		t0 = *run.StartedAt
		return true
	})
	return t0
}

// at waits until so much of the run is over. NATS and this process have one clock.
func (r *trial) at(offset time.Duration) {
	r.t.Helper()
	until(r.t, r.begun().Add(offset))
}

// until waits for an instant.
func until(t *testing.T, instant time.Time) {
	t.Helper()
	timer := time.NewTimer(time.Until(instant))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	}
}

// lasting lets a fault last.
func lasting(t *testing.T, d time.Duration) {
	t.Helper()
	until(t, time.Now().Add(d))
}

// ended waits for the result, in its bytes and decoded.
func (r *trial) ended() (load.Result, []byte) {
	r.t.Helper()
	var run view
	r.await("the run has a result", func() bool {
		now, ok := r.look()
		run = now
		return ok && len(run.Result) > 0
	})
	var result load.Result
	require.NoError(r.t, json.Unmarshal(run.Result, &result))
	return result, run.Result
}

// record is what the target saw, but for its connections: each look at it adds one.
func (r *trial) record() testkit.Record {
	r.t.Helper()
	record, err := testkit.FetchRecord(r.t.Context(), r.target)
	require.NoError(r.t, err)
	record.Connections = nil
	return record
}

// profile is what the run plans, with the changes of its rate until somebody asks for the first time.
func (r *trial) profile() *load.Profile {
	t := r.t
	t.Helper()
	if r.planned == nil {
		run, ok := r.look()
		require.True(t, ok, "%s", r)
		p := run.Plan
		shape := load.Shape{Mode: p.Mode, RPS: p.RPS, Duration: length(p.Duration), Steps: p.Steps}
		if p.RampUp != "" {
			shape.RampUp = length(p.RampUp)
		}
		profile, err := load.NewProfile(shape)
		require.NoError(t, err)
		changed := profile.With(run.Changes)
		r.planned = &changed
	}
	return r.planned
}

// second is the one in which an iteration of the plan is due.
func (r *trial) second(iteration int64) int {
	profile := r.profile()
	require.True(r.t, 0 <= iteration && iteration < profile.Total(), "%s: nobody planned iteration %d", r, iteration)
	return int(profile.Due(iteration) / time.Second)
}

// maxLag is how late an iteration of the run may be called.
func (r *trial) maxLag() time.Duration {
	r.t.Helper()
	run, ok := r.look()
	require.True(r.t, ok, "%s", r)
	return length(run.Plan.MaxLag)
}

// length reads a duration that a test or the gateway wrote.
func length(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return d
}

func (r *trial) String() string { return fmt.Sprintf("run %s against %s", r.id, r.target) }
