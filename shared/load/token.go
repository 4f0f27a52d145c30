package load

import (
	"math"
	"strconv"
	"time"
)

// MaxSlices is the most tokens that one second is cut into.
const MaxSlices = 4096

// Token is slice Slice of Slices of one second of a run: the arrivals k of that second with k ≡ Slice (mod Slices). Its
// arrivals are First, First+Slices, First+2·Slices, … (Count of them). Interleaving gives every holder a smooth rate, and a
// lost token is a thinner second instead of a gap.
type Token struct {
	Run     string
	Second  int       // counted from the start of the run
	Slice   int       // 0 ≤ Slice < Slices
	Slices  int       // fixed for the run
	First   int64     // number of the first arrival
	Count   int64     // arrivals in the token, at least 1
	Planned int64     // arrivals of the whole second, for readers
	StartAt time.Time // bus time at which the second starts
	Shift   int64     // arrivals before this second beyond those of the plan; 0 before the first change of the run
	Even    bool      // the arrivals of the second are spread evenly over it, whatever the plan says
}

// ID names the token within the bus; the same token always has the same id, so a copy of it is recognised as one.
func (t Token) ID() string {
	return t.Run + "/" + strconv.Itoa(t.Second) + "/" + strconv.Itoa(t.Slice)
}

// Arrival returns the number of the token's i-th arrival, 0 ≤ i < Count.
func (t Token) Arrival(i int64) int64 { return t.First + i*int64(t.Slices) }

// Tokens cuts a second of a profile into its tokens; slices without an arrival yield none. t0 is the bus time of second 0.
func (p *Profile) Tokens(run string, second, slices int, t0 time.Time) []Token {
	first, planned := p.First(second), p.Count(second)
	shift, even := p.moved(second)
	n := int64(slices)
	out := make([]Token, 0, min(planned, n))
	for k := first; k < first+min(planned, n); k++ {
		out = append(out, Token{
			Run: run, Second: second, Slice: int(k % n), Slices: slices,
			First: k, Count: (first + planned - k + n - 1) / n, Planned: planned,
			StartAt: t0.Add(time.Duration(second) * time.Second), Shift: shift, Even: even,
		})
	}
	return out
}

// arrivalsPerToken is how many arrivals a token has where the rate alone decides how many tokens there are.
const arrivalsPerToken = 1000

// SliceCount returns into how many slices the seconds of a run are cut: enough that each of the generators gets a fair and
// smooth share, never more than the peak rate has arrivals, and coprime to the cycle of the task sequence, because a common
// divisor would send all invocations of a rare task to the same slices.
func SliceCount(peak float64, generators, cycle int) int {
	s := max(32, int(math.Ceil(peak/arrivalsPerToken)), 4*generators)
	s = max(1, min(s, MaxSlices, int(peak)))
	for gcd(s, cycle) != 1 {
		s++
	}
	return s
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func numbered(prefix string, n int) string { return prefix + strconv.Itoa(n) }

// Delivery is a token in the hands of a generator.
type Delivery struct {
	Token       Token
	Redelivered bool // it was delivered before: given back untouched if it comes in time, else it is only accounted for
	Receipt     Receipt
}

// Receipt answers for a delivered token. Each call is sent without waiting for the bus; an error says that it could not be.
type Receipt interface {
	Ack() error        // the token is final and the event that says so is stored
	Nak() error        // give it back at once: only while draining, and only before anything of it was started
	InProgress() error // still held: the bus must not redeliver it yet
}
