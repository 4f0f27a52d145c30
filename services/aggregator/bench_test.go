package aggregator

import (
	"math/rand/v2"
	"testing"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// typical makes the events of one generator of three at 1000 rps: a flush each 500 ms with 12 of 35 tokens and about 166
// iterations of two tasks.
func typical(b *testing.B, seconds int) (load.Run, []load.Record) {
	b.Helper()
	run := runningRun(1000, seconds)
	run.Slices = 35
	profile := mustProfile(b, run)
	rng := rand.New(rand.NewPCG(1, 1))
	var snapshots [8]histogram.Snapshot
	for i := range snapshots {
		micros := make([]int64, 83)
		for j := range micros {
			micros[j] = int64(20_000 * (1 + rng.ExpFloat64()))
		}
		snapshots[i] = times(micros...)
	}
	var records []load.Record
	for s := range seconds {
		tokens := profile.Tokens("r", s, run.Slices, run.T0)
		for half := range 2 {
			e := load.Event{Run: "r", Instance: "a", Generator: "a", Seq: uint64(len(records)) + 1, Lag: snapshots[half]}
			for _, tok := range tokens[:12] {
				r := report(tok, tok.Count/2, 0)
				r.Final = half == 1
				e.Tokens = append(e.Tokens, r)
			}
			for i, task := range []string{"browse", "buy"} {
				h := snapshots[(s+half+i)%len(snapshots)]
				e.Tasks = append(e.Tasks, load.TaskReport{
					Second: s, Task: task, Iterations: 83, Requests: 83, Status: map[int]int64{200: 83}, Response: h, Service: h,
				})
			}
			records = append(records, load.Record{Sequence: e.Seq, Event: &e})
		}
	}
	return run, records
}

func BenchmarkApplyEvent(b *testing.B) {
	run, records := typical(b, 100)
	a := mustAccount(b, run)
	b.ReportAllocs()
	for i := range b.N {
		if i%len(records) == 0 {
			a = mustAccount(b, run)
		}
		if err := a.apply(records[i%len(records)]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReplay measures how fast a successor catches up, with the beats that pack what is closed.
func BenchmarkReplay(b *testing.B) {
	run, records := typical(b, 1000)
	for b.Loop() {
		a := mustAccount(b, run)
		for i, r := range records {
			if err := a.apply(r); err != nil {
				b.Fatal(err)
			}
			if i%2 == 1 {
				d := load.Decision{Run: "r", Kind: load.DecisionClose, Second: i / 2}
				if err := a.apply(load.Record{Decision: &d}); err != nil {
					b.Fatal(err)
				}
			}
		}
		a.result(load.StateDone)
	}
	b.ReportMetric(float64(len(records))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkSnapshot(b *testing.B) {
	run, records := typical(b, 1000)
	a := mustAccount(b, run)
	for i, r := range records {
		if err := a.apply(r); err != nil {
			b.Fatal(err)
		}
		if i%2 == 1 {
			a.obey(load.Decision{Kind: load.DecisionClose, Second: i / 2})
		}
	}
	a.takeChanged()
	b.ReportAllocs()
	for b.Loop() {
		a.told(a.snapshot(at(900)))
	}
}
