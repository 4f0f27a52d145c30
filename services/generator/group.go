package generator

import (
	"cmp"
	"iter"
	"slices"
)

// group says which part of an event a sample belongs to.
type group uint8

const (
	groupTask group = iota
	groupLag
	groupSetup
	groupMeasure
	groupLink
)

func (s *sample) group() group {
	switch s.kind {
	case kindLag:
		return groupLag
	case kindSetupRequest, kindSetupFailed, kindUserStarted:
		return groupSetup
	case kindMeasure:
		return groupMeasure
	case kindOpened, kindFailed, kindClosedIdle, kindDNS, kindConnect, kindTLS:
		if s.flags&flagSetup != 0 {
			return groupSetup
		}
		return groupLink
	default:
		return groupTask
	}
}

// series tells which samples are added up together: those of a task's second, of a measure, all lags, all of the setup. They
// are ordered by group, second and number.
type series uint64

func (s *sample) series() series {
	g := s.group()
	key := series(g) << 56
	switch g {
	case groupTask:
		key |= series(s.second)<<16 | series(s.task) //nolint:gosec // seconds are not negative
	case groupMeasure:
		key |= series(s.task)
	case groupLag, groupSetup, groupLink:
	}
	return key
}

// grouping brings the samples of each series together. There are very many samples of few series, so samples are not compared:
// they are counted by series, and then each is put in its place. It keeps its memory from one flush to the next.
type grouping struct {
	numbers map[series]uint32
	recent  [256]struct { // what was looked up last in numbers, by a hash of the series
		series series
		number uint32
		valid  bool
	}
	buckets []bucket // by number
	of      []uint32 // the number of the series of each sample
	order   []uint32 // the numbers in the order of the series
	sorted  []sample
}

// bucket is the place of a series among the sorted samples.
type bucket struct {
	series series
	size   int
	end    int // of those that are in their places
}

// each yields the samples of each series, in the order of the series. They are valid until the next call.
func (g *grouping) each(samples []sample) iter.Seq[[]sample] {
	return func(yield func([]sample) bool) {
		if cap(g.sorted) > keptSamples {
			g.of, g.sorted = nil, nil
		}
		g.count(samples)
		g.sort(samples)
		for _, n := range g.order {
			b := g.buckets[n]
			if !yield(g.sorted[b.end-b.size : b.end]) {
				return
			}
		}
	}
}

// count numbers the series and counts their samples.
func (g *grouping) count(samples []sample) {
	g.numbers, g.buckets = map[series]uint32{}, g.buckets[:0]
	clear(g.recent[:])
	g.of = slices.Grow(g.of[:0], len(samples))[:len(samples)]
	for i := range samples {
		s := samples[i].series()
		recent := &g.recent[(s^s>>16)%series(len(g.recent))]
		if !recent.valid || recent.series != s {
			n, known := g.numbers[s]
			if !known {
				n = uint32(len(g.buckets)) //nolint:gosec // no more than there are samples
				g.numbers[s] = n
				g.buckets = append(g.buckets, bucket{series: s})
			}
			recent.series, recent.number, recent.valid = s, n, true
		}
		g.of[i] = recent.number
		g.buckets[recent.number].size++
	}
}

// sort puts the counted samples in the order of their series.
func (g *grouping) sort(samples []sample) {
	g.order = g.order[:0]
	for n := range g.buckets {
		g.order = append(g.order, uint32(n))
	}
	slices.SortFunc(g.order, func(a, b uint32) int { return cmp.Compare(g.buckets[a].series, g.buckets[b].series) })
	begin := 0
	for _, n := range g.order {
		g.buckets[n].end = begin
		begin += g.buckets[n].size
	}
	g.sorted = slices.Grow(g.sorted[:0], len(samples))[:len(samples)]
	for i := range samples {
		b := &g.buckets[g.of[i]]
		g.sorted[b.end] = samples[i]
		b.end++
	}
}

// tally counts by a small number, such as an HTTP status.
type tally struct {
	counts []int64
	used   []uint16 // the numbers whose count is not 0
}

func (t *tally) add(n uint16) {
	if int(n) >= len(t.counts) {
		t.counts = append(t.counts, make([]int64, int(n)+1-len(t.counts))...)
	}
	if t.counts[n] == 0 {
		t.used = append(t.used, n)
	}
	t.counts[n]++
}

// take yields each number and its count, which is 0 then.
func (t *tally) take(yield func(n uint16, count int64) bool) {
	for _, n := range t.used {
		count := t.counts[n]
		t.counts[n] = 0
		if !yield(n, count) {
			break
		}
	}
	t.used = t.used[:0]
}
