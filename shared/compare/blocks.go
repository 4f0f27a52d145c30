package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// block is a few windows in a row.
type block struct {
	secs                      float64
	planned                   int64 // arrivals
	started, requests, errors int64
	sumMs                     float64
	times                     *histogram.Histogram // response times
}

// windows returns the windows of a run as blocks. What was paused is in none.
func windows(r *load.Result) ([]block, error) {
	planned := make(map[int]int64, len(r.Series))
	for _, s := range r.Series {
		planned[s.Second] = s.TargetRPS
	}
	var busy []block
	for _, w := range r.Windows {
		b := block{
			secs: float64(w.Seconds), started: w.Started, requests: w.Requests, errors: w.Errors,
			times: histogram.New(),
		}
		for s := range w.Seconds {
			b.planned += planned[w.Second+s]
		}
		if w.HDR != "" {
			times, err := histogram.FromHDR(w.HDR)
			if err != nil {
				return nil, fmt.Errorf("run %s, window of second %d: %w: %w", r.RunID, w.Second, load.ErrInvalid, err)
			}
			b.times, b.sumMs = times, w.MeanMs*float64(times.Count())
		}
		if b.planned > 0 {
			busy = append(busy, b)
		}
	}
	return busy, nil
}

// cuts returns the ways to cut two runs into blocks, the shortest blocks first. Blocks of both runs are of nearly the same length,
// as what is tested depends on it: the shorter run makes MinBlocks to maxBlocks of them.
func cuts(was, is []block) []pairs {
	longest := 0.0
	for _, b := range slices.Concat(was, is) {
		longest = max(longest, b.secs)
	}
	most := min(length(was), length(is)) / longest // NaN if there is nothing
	var ways []pairs
	for k := max(1, math.Ceil(most/(maxBlocks+1)+1e-9)); k <= most/MinBlocks; k++ {
		ways = append(ways, pair(merged(was, k*longest), merged(is, k*longest)))
	}
	return ways
}

func length(blocks []block) float64 {
	secs := 0.0
	for _, b := range blocks {
		secs += b.secs
	}
	return secs
}

// merged returns blocks of at least so many seconds, if the windows are as long as each other.
func merged(windows []block, secs float64) []block {
	blocks := make([]block, int(length(windows)/secs))
	for i := range blocks {
		blocks[i].times = histogram.New()
		for _, w := range windows[i*len(windows)/len(blocks) : (i+1)*len(windows)/len(blocks)] {
			blocks[i].add(w)
		}
	}
	return blocks
}

func (b *block) add(o block) {
	b.secs += o.secs
	b.planned += o.planned
	b.started += o.started
	b.requests += o.requests
	b.errors += o.errors
	b.sumMs += o.sumMs
	b.times.Merge(o.times)
}

// pairs are the blocks of both runs by their planned rate.
type pairs []struct {
	rate     float64
	was, are []block
}

// pair sorts the blocks of two runs by their planned rates.
func pair(was, is []block) pairs {
	var p pairs
	at := func(b block) int {
		rate := float64(b.planned) / b.secs
		for i := range p {
			if alike(p[i].rate, rate) {
				return i
			}
		}
		p = append(p, struct {
			rate     float64
			was, are []block
		}{rate: rate})
		return len(p) - 1
	}
	for _, b := range was {
		i := at(b)
		p[i].was = append(p[i].was, b)
	}
	for _, b := range is {
		i := at(b)
		p[i].are = append(p[i].are, b)
	}
	return p
}

// strata returns a value of each block, nil if there are too few that have it.
func (p pairs) strata(of func(block) (float64, bool)) []Stratum {
	var strata []Stratum
	was, are := 0, 0
	for _, rate := range p {
		s := Stratum{Baseline: values(rate.was, of), Current: values(rate.are, of)}
		if len(s.Baseline) > 0 && len(s.Current) > 0 {
			strata = append(strata, s)
			was += len(s.Baseline)
			are += len(s.Current)
		}
	}
	if min(was, are) < MinBlocks {
		return nil
	}
	return strata
}

func values(blocks []block, of func(block) (float64, bool)) []float64 {
	var list []float64
	for _, b := range blocks {
		if v, ok := of(b); ok {
			list = append(list, v)
		}
	}
	return list
}
