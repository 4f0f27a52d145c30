package main

import (
	"context"
	"fmt"
	"math"
	"time"
)

// A rate is held if so much of the plan was started, and so punctually where the generator says how late it was.
const (
	heldShare = 99.9 // percent
	heldLag   = 20.0 // milliseconds, p99
	probe     = 5 * time.Second
	tries     = 3 // of a rate; one that other work on the machine has spoilt is tried again
)

// row is what one generator does in a scene.
type row struct {
	label     string // of the table
	generator string
	work      work
	rate      int // iterations a second; 0: as many as it can
	// search looks for the highest rate that is held, from rate on.
	search bool
	// stretch makes the run so many times longer than others; 0 is 1.
	stretch int
}

// scene is a comparison.
type scene struct {
	name  string // for -only
	title string
	text  string // what a reader must know of it
	rows  []row
}

var scenes = []scene{
	{
		name: "static-15k", title: "GET, 15,000 requests a second",
		text: "A GET with an `Authorization` header, 23 bytes of JSON in return, over connections that stay open. " +
			"The load is open: a slow answer delays no other request. fortio and k6 are told to keep the rate with 64 connections and 256 users.",
		rows: []row{
			{label: loadpilot, generator: loadpilot, work: static, rate: 15_000},
			{label: fortio, generator: fortio, work: static, rate: 15_000},
			{label: k6, generator: k6, work: static, rate: 15_000},
		},
	},
	{
		name: "static-50k", title: "GET, 50,000 requests a second",
		text: "The same, where k6 has long been at its end.",
		rows: []row{
			{label: loadpilot, generator: loadpilot, work: static, rate: 50_000},
			{label: fortio, generator: fortio, work: static, rate: 50_000},
		},
	},
	{
		name: "static-maximum", title: "GET, as many as one core can send",
		text: "wrk, fortio and k6 work in a closed loop here: 64 connections, each of which waits for its answer. LoadPilot's scenarios keep a " +
			"schedule, so the figure is the highest rate of which it started 99.9 % with a lag p99 below 20 ms.",
		rows: []row{
			{label: wrk, generator: wrk, work: static},
			{label: fortio, generator: fortio, work: static},
			{label: k6, generator: k6, work: static},
			{label: loadpilotAt80k, generator: loadpilot, work: static, rate: 80_000},
			{label: loadpilotHeld, generator: loadpilot, work: static, rate: 60_000, search: true},
		},
	},
	{
		name: "closed-loop", title: "GET, a closed loop of 64 connections",
		text: "`loadpilot api run` against wrk: each of 64 connections waits for its answer before the next request goes out, as often as one core can.",
		rows: []row{
			{label: wrk, generator: wrk, work: static},
			{label: closed, generator: closed, work: static},
		},
	},
	{
		name: "scripted-5k", title: "A script, 5,000 requests a second",
		text: "Each user logs in once. Each request has a URL and two headers that the script puts together, and of the 150 bytes of JSON that come back " +
			"the script checks three fields and the status. One product in a thousand is wrong; a generator that does not find just these has not checked, and the benchmark fails.",
		rows: []row{
			{label: loadpilot, generator: loadpilot, work: scripted, rate: 5_000},
			{label: k6, generator: k6, work: scripted, rate: 5_000},
		},
	},
	{
		name: "scripted-maximum", title: "The same script, as often as one core can",
		text: "The highest rate of which 99.9 % were started; for LoadPilot, which says how late it was, also with a lag p99 below 20 ms.",
		rows: []row{
			{label: loadpilot, generator: loadpilot, work: scripted, rate: 20_000, search: true},
			{label: k6, generator: k6, work: scripted, rate: 3_000, search: true},
		},
	},
	{
		name: "small", title: "GET, 500 requests a second",
		text: "What a small test costs, and how punctual it is.",
		rows: []row{
			{label: loadpilot, generator: loadpilot, work: static, rate: 500, stretch: 3},
		},
	},
	{
		name: "batch", title: "client.batch",
		text: "The service answers after 1 ms. Iterations of one request, of a batch of five, and of five requests one after the other, all of them static tasks: the requests a second " +
			"of the highest rate that is held. With as many users as it takes, those who wait cost nothing, and the rows differ by the CPU time of a request alone; " +
			"with 32 users a batch has five of its requests under way where the others have one.",
		rows: []row{
			{label: oneStatic, generator: loadpilot, work: slowStatic, rate: 30_000, search: true},
			{label: fiveBatch, generator: loadpilot, work: slowBatch, rate: 6_000, search: true},
			{label: fiveSequential, generator: loadpilot, work: slowSequential, rate: 4_000, search: true},
			{label: scarceBatch, generator: loadpilot, work: fewBatch, rate: 6_000, search: true},
			{label: scarceSequential, generator: loadpilot, work: fewSequential, rate: 4_000, search: true},
		},
	},
}

// Rows that demands name.
const (
	loadpilotAt80k = "LoadPilot at 80,000"
	loadpilotHeld  = "LoadPilot, highest held"
	oneStatic      = "static task"
	fiveBatch      = "batch of five"
	fiveSequential = "five in turn"

	scarceBatch      = "batch of five, 32 users"
	scarceSequential = "five in turn, 32 users"
)

// measured is what the rounds of a scene have shown: the samples of each row, in the order of the rounds.
type measured map[string][]sample

// play lets the generators of a scene take turns for several rounds.
func (f *field) play(ctx context.Context, s scene, rounds int, duration time.Duration, log func(string)) (measured, error) {
	all := measured{}
	for round := range rounds {
		for i := range s.rows {
			r := &s.rows[i]
			got, err := f.measure(ctx, r, all[r.label], duration)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", s.name, r.label, err)
			}
			all[r.label] = append(all[r.label], got)
			log(fmt.Sprintf("%s, round %d of %d, %s: %.0f requests a second, %.1f µs each",
				s.name, round+1, rounds, r.label, got.requestRate(), got.cpuPerRequest()))
		}
	}
	return all, nil
}

// measure takes one sample of a row; earlier ones say where a search begins.
func (f *field) measure(ctx context.Context, r *row, earlier []sample, duration time.Duration) (sample, error) {
	if !r.search {
		return f.send(ctx, r.generator, order{work: r.work, rate: r.rate, duration: duration * time.Duration(max(1, r.stretch))})
	}
	rate := r.rate
	if len(earlier) > 0 {
		rate = max(lowest, earlier[len(earlier)-1].rate)
	}
	best := sample{report: blank()}
	_, err := highest(rungOf(rate), func(rung int) (bool, error) {
		for range tries {
			s, err := f.send(ctx, r.generator, order{work: r.work, rate: rateOf(rung), duration: min(duration, probe)})
			if err != nil {
				return false, err
			}
			if s.held() {
				best = s
				return true, nil
			}
		}
		return false, nil
	})
	return best, err
}

// profile runs LoadPilot once more in each way the scene has it, with a CPU profile; such a run is in no table, because the profile costs time.
func (f *field) profile(ctx context.Context, s scene, all measured, duration time.Duration, file func(row) string) error {
	for i := range s.rows {
		r := &s.rows[i]
		if r.generator != loadpilot {
			continue
		}
		rate := r.rate
		if r.search {
			rate = max(lowest, int(median(each(all[r.label], sample.heldRate)))/int(r.work.requests))
		}
		if _, err := f.send(ctx, loadpilot, order{work: r.work, rate: rate, duration: duration, profile: file(*r)}); err != nil {
			return fmt.Errorf("profile of %s, %s: %w", s.name, r.label, err)
		}
	}
	return nil
}

// held says whether a planned rate was held.
func (s sample) held() bool {
	return s.failed == 0 && s.startedPercent() >= heldShare && (math.IsNaN(s.lag99) || s.lag99 < heldLag)
}

// The figures of a sample.

func (s sample) requestRate() float64   { return ratio(float64(s.requests), s.seconds) }
func (s sample) heldRate() float64      { return float64(int64(s.rate) * s.work.requests) } // of a search, in requests a second
func (s sample) cpuPerRequest() float64 { return ratio(microseconds(s.cpu), float64(s.requests)) }
func (s sample) startedPercent() float64 {
	return ratio(float64(s.started), float64(s.planned())) * 100
}
func (s sample) mebibytes() float64     { return float64(s.memory) / (1 << 20) }
func (s sample) lagMedian() float64     { return s.lag50 }
func (s sample) lagHigh() float64       { return s.lag99 }
func (s sample) othersPercent() float64 { return ratio(float64(s.others), float64(s.wall)) * 100 }

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
