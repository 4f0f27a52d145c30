package generator

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/users"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// replay is a script whose one request takes the next of some times, without a connection.
type replay struct {
	scriptFunc

	request *scenario.Request
	times   []time.Duration
	now     time.Duration
}

func (r *replay) Run(_ context.Context, iteration int64, _ int, c scenario.Client) scenario.Outcome {
	x := c.(*hands).ask(r.request)[0].exchange
	x.Asked, x.Sent, x.Done = r.now, r.now, r.now+r.times[int(iteration)%len(r.times)]
	x.First, x.Link.State = x.Sent+(x.Done-x.Sent)*3/4, httpdriver.LinkReused
	x.BytesIn, x.Response.Status = 512, http.StatusOK
	c.(*hands).answer()
	return scenario.Outcome{Check: scenario.CheckPassed}
}

// BenchmarkRecordFlush is what 80,000 rps of three tasks cost beside their requests: half a second of iterations is recorded,
// then flushed into the text of an event. The times are as of a service with a median of 2 ms and a long tail. What is reported
// is the least for one iteration of all rounds, so that other work on the machine does not show.
func BenchmarkRecordFlush(b *testing.B) {
	const iterations, workers = 40_000, 64
	rng := rand.New(rand.NewPCG(1, 2))
	u := &user{}
	script := &replay{request: &scenario.Request{Method: http.MethodGet, URL: "/"}, now: time.Second}
	for range 1 << 12 {
		script.times = append(script.times, time.Duration(float64(2*time.Millisecond)*math.Exp(0.7*rng.NormFloat64())))
	}
	u.script = script
	tasks := []load.Task{{Name: "browse", Weight: 6}, {Name: "search", Weight: 3}, {Name: "buy", Weight: 1}}
	sequence, err := load.NewSequence(tasks)
	require.NoError(b, err)
	profile, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: 80_000, Duration: time.Minute})
	require.NoError(b, err)
	c := &crew{recorder: newRecorder(), tasks: tasks, sequence: sequence}
	box := &outbox{
		recorder: c.recorder, reporter: newReporter(tasks, c.recorder), holdings: newHoldings(), metrics: newMetrics(nil, nil),
		head: load.Event{Run: "r", Generator: "g", Instance: "i", Seq: 1}, vitals: func() vitals { return vitals{} },
	}
	tokens := []*pacer.Token{ // a flush seldom falls on the end of a second
		pacer.NewToken(load.Token{Second: 7, Slices: 1, Count: 1}, &pacer.Lane{Profile: &profile}, 0),
		pacer.NewToken(load.Token{Second: 8, Slices: 1, Count: 1}, &pacer.Lane{Profile: &profile}, 0),
	}
	crowd := make([]users.Worker[*user], workers)
	for i := range crowd {
		crowd[i] = c.NewWorker()
	}
	recording, flushing := time.Hour, time.Hour
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		for i := range iterations {
			called := script.now + script.times[(i*7)%len(script.times)]/32
			a := pacer.Arrival{Number: int64(i), Due: script.now, Token: tokens[i*len(tokens)/iterations]}
			crowd[i%workers].Run(b.Context(), nil, u, a, called)
		}
		recorded := time.Now()
		event, _ := box.collect()
		text, err := wire.EncodeEvent(*event)
		if err != nil || len(event.Tasks) != len(tasks)*len(tokens) || len(text) == 0 {
			b.Fatal(err, len(event.Tasks))
		}
		recording, flushing = min(recording, recorded.Sub(begin)), min(flushing, time.Since(recorded))
	}
	b.ReportMetric(float64(recording.Nanoseconds())/iterations, "ns/record")
	b.ReportMetric(float64(flushing.Nanoseconds())/iterations, "ns/flush")
}
