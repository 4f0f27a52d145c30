package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
)

// demands are what the command holds LoadPilot to.
var demands = struct {
	faster, lighter float64 // than sobek: time of an iteration, memory of an idle user
	staticNanos     float64 // of a task that asks for the same each time
	crowdBytes      uint64  // of crowd idle users
}{faster: 6, lighter: 10, staticNanos: 20, crowdBytes: 200 << 20}

const (
	rounds = 7       // of each engine, in turns
	crowd  = 100_000 // idle users that fit into demands.crowdBytes
	sample = 2_000   // idle users of each engine that are weighed

	// The pace of the garbage collector, for both engines: the one that the command loadpilot sets.
	collectPercent = 150
)

func main() {
	debug.SetGCPercent(collectPercent)
	if err := compare(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "language:", err)
		os.Exit(1)
	}
}

// newEngines makes the engines, LoadPilot's first.
func newEngines(ctx context.Context) ([]engine, error) {
	ours, err := newLoadpilot(ctx)
	if err != nil {
		return nil, err
	}
	theirs, err := newSobek()
	if err != nil {
		return nil, err
	}
	return []engine{ours, theirs}, nil
}

// compare measures everything, prints it and reports the demands that are not met.
func compare(ctx context.Context) error {
	all, err := newEngines(ctx)
	if err != nil {
		return err
	}
	for _, e := range all {
		if err := verify(e); err != nil {
			return err
		}
	}
	ours, _ := newLoadpilot(ctx)
	var best [2]testing.BenchmarkResult
	var static testing.BenchmarkResult
	for range rounds {
		for i, e := range all {
			keep(&best[i], testing.Benchmark(func(b *testing.B) { b.Helper(); benchmark(b, e) }))
		}
		keep(&static, testing.Benchmark(func(b *testing.B) { b.Helper(); benchmarkStatic(b, ours) }))
	}
	var idle [2]float64
	for i, e := range all {
		bytes, err := weigh(e, sample)
		if err != nil {
			return err
		}
		idle[i] = float64(bytes) / sample
	}
	crowded, err := weigh(all[0], crowd)
	if err != nil {
		return err
	}

	v := verdict{}
	fmt.Printf("%-34s %12s %12s %9s\n", "", all[0].name(), all[1].name(), "ratio")
	row := func(what string, a, b float64, unit string) float64 {
		fmt.Printf("%-34s %12.0f %12.0f %9.1f\n", what+", "+unit, a, b, b/a)
		return b / a
	}
	v.least("times faster than sobek", row("iteration", nanos(best[0]), nanos(best[1]), "ns"), demands.faster)
	row("iteration", float64(best[0].AllocedBytesPerOp()), float64(best[1].AllocedBytesPerOp()), "bytes allocated")
	row("iteration", float64(best[0].AllocsPerOp()), float64(best[1].AllocsPerOp()), "allocations")
	v.least("times lighter than sobek", row("idle user", idle[0], idle[1], "bytes"), demands.lighter)
	fmt.Printf("%-34s %12.1f\n", "static task, ns", nanos(static))
	v.most("ns for a static task", nanos(static), demands.staticNanos)
	fmt.Printf("%-34s %12d\n", "static task, allocations", static.AllocsPerOp())
	v.most("allocations of a static task", float64(static.AllocsPerOp()), 0)
	fmt.Printf("%-34s %12.1f\n", fmt.Sprintf("%d idle users, MiB", crowd), float64(crowded)/(1<<20))
	v.most("bytes for the idle users", float64(crowded), float64(demands.crowdBytes))
	return v.err
}

// verdict keeps the first demand that was not met.
type verdict struct{ err error }

func (v *verdict) least(what string, got, want float64) {
	if got < want && v.err == nil {
		v.err = fmt.Errorf("%.2f %s, at least %g were demanded", got, what, want)
	}
}

func (v *verdict) most(what string, got, want float64) {
	if got > want && v.err == nil {
		v.err = fmt.Errorf("%.2f %s, at most %g were demanded", got, what, want)
	}
}

// keep keeps the faster of two results.
func keep(best *testing.BenchmarkResult, r testing.BenchmarkResult) {
	if best.N == 0 || nanos(r) < nanos(*best) {
		*best = r
	}
}

func nanos(r testing.BenchmarkResult) float64 {
	return float64(r.T.Nanoseconds()) / float64(max(1, r.N))
}

// benchmark runs iterations of one user.
func benchmark(b *testing.B, e engine) {
	b.Helper()
	u, err := e.user(&stub{status: 200, body: goodBody})
	if err != nil {
		b.Fatal(err)
	}
	run(b, u)
}

// benchmarkStatic runs the task whose request is ready.
func benchmarkStatic(b *testing.B, e *loadpilotEngine) {
	b.Helper()
	u := &loadpilotUser{user: e.runner.NewUser(), task: taskStatic, client: newClient(&stub{status: 200, body: goodBody})}
	if err := u.start(); err != nil {
		b.Fatal(err)
	}
	run(b, u)
}

func run(b *testing.B, u worker) {
	b.Helper()
	b.ReportAllocs()
	for number := range int64(b.N) {
		if err := u.iterate(number); err != nil {
			b.Fatal(err)
		}
	}
}

// weigh returns how many bytes of heap and stacks n users hold that have run on_start
// and one iteration and wait for the next.
func weigh(e engine, n int) (uint64, error) {
	s := &stub{status: 200, body: goodBody}
	before := held()
	users := make([]worker, n)
	for i := range users {
		u, err := e.user(s)
		if err == nil {
			err = u.iterate(int64(i))
		}
		if err != nil {
			return 0, err
		}
		users[i] = u
	}
	after := held()
	runtime.KeepAlive(users)
	return after - min(before, after), nil
}

// held is what the heap and the stacks hold after a garbage collection.
func held() uint64 {
	runtime.GC()
	runtime.GC() // what pools keep goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
