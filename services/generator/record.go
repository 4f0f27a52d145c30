package generator

import (
	"cmp"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// sample is one measured fact, kept small because there is one for every request, start and end of an iteration until the
// next flush.
type sample struct {
	second   int32 // of the arrival's due time
	response uint32
	service  uint32 // microseconds, as response
	first    uint32 // microseconds from sent to the first byte of the response
	in, out  uint32 // bytes of the bodies; of a measure the halves of its value
	task     uint16 // index into the tasks; of a measure its number
	status   uint16
	class    uint16 // number of the error class; 0: none
	kind     kind
	flags    flags
}

type kind uint8

const (
	kindRequest      kind = iota
	kindCompleted         // an iteration has finished
	kindLag               // an iteration was called; response is its lag
	kindSetupRequest      // of on_start or on_stop
	kindSetupFailed       // an attempt of on_start or on_stop
	kindUserStarted
	kindMeasure // what a script has measured, or response is the time of a request that has a name
	// How requests came to their connections, other than by using a kept one.
	kindOpened     // a connection was opened
	kindFailed     // none could be opened
	kindClosedIdle // a kept one was found closed
	kindDNS        // response is the time of a step on the way to a connection
	kindConnect
	kindTLS
)

type flags uint8

const (
	flagFailed      flags = 1 << iota
	flagUntimed           // no request was made: counts, but has no latency
	flagCheckPassed       // of an iteration
	flagCheckFailed
	flagReused   // a request that used a kept connection
	flagAnswered // a request with a first byte
	flagRefused  // by the target
	flagSetup    // about a connection of on_start or on_stop, or one opened ahead
)

// newSample returns a sample of a task's iteration in a second.
func newSample(k kind, second, task int) sample {
	return sample{kind: k, second: int32(min(max(0, second), math.MaxInt32)), task: narrow16(task)}
}

func micros(d time.Duration) uint32 { return narrow32(d.Microseconds()) }

// narrow32 and narrow16 fit a number in, the largest possible at most.
func narrow32(n int64) uint32 { return uint32(min(max(0, n), math.MaxUint32)) }
func narrow16(n int) uint16   { return uint16(min(max(0, n), math.MaxUint16)) }

// recorder takes samples from many workers. They share no lock: each worker appends to one of a few shards.
type recorder struct {
	shards   []shard
	next     atomic.Uint32
	classes  numbering[string] // of errors
	measures numbering[load.MeasureName]
	mask     *strings.Replacer // takes the values of the scenario's environment out of texts

	mu       sync.Mutex
	examples []load.ErrorSample
	room     atomic.Int64 // error samples that the run may still keep
	failure  string       // of the last on_start that failed
}

type shard struct {
	mu      sync.Mutex
	samples []sample
	spare   []sample // swapped in at the next flush

	_ [64]byte // keeps neighbours off this cache line
}

// newRecorder returns a recorder of a run whose plan lists some measures: thresholds may name these, so they have places of
// their own however late the first report comes.
func newRecorder(planned ...load.MeasureName) *recorder {
	r := &recorder{shards: make([]shard, 4*runtime.GOMAXPROCS(0)), mask: strings.NewReplacer()}
	r.measures.reserve(planned)
	r.room.Store(load.MaxSamples)
	return r
}

// shard returns a shard for a worker, in turn.
func (r *recorder) shard() *shard { return &r.shards[int(r.next.Add(1))%len(r.shards)] }

func (s *shard) add(samples ...sample) {
	s.mu.Lock()
	s.samples = append(s.samples, samples...)
	s.mu.Unlock()
}

// drain appends to all everything recorded since the last call.
func (r *recorder) drain(all []sample) []sample {
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		s.samples, s.spare = s.spare[:0], s.samples
		s.mu.Unlock()
		all = append(all, s.spare...)
		if cap(s.spare) > keptSamples {
			s.spare = nil
		}
	}
	return all
}

// maxMessage is how much of an error message is kept, in bytes.
const maxMessage = 2000

// wants reports whether there is room for one more error sample, so that a message is only made if it is kept.
func (r *recorder) wants() bool { return r.room.Load() > 0 }

// example keeps an error sample if there is room.
func (r *recorder) example(e load.ErrorSample) {
	if r.room.Add(-1) < 0 {
		return
	}
	e.Message = r.mask.Replace(e.Message)
	e.Message = e.Message[:min(len(e.Message), maxMessage)]
	r.mu.Lock()
	defer r.mu.Unlock()
	r.examples = append(r.examples, e)
}

// setupFailed keeps why a user did not start, in one line.
func (r *recorder) setupFailed(message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// The last line of a traceback names the exception.
	lines := strings.Split(strings.TrimSpace(r.mask.Replace(message)), "\n")
	r.failure = lines[len(lines)-1]
}

// setupError returns why the last user did not start.
func (r *recorder) setupError() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return cmp.Or(r.failure, "on_start does not return")
}

func (r *recorder) drainExamples() []load.ErrorSample {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.examples
	r.examples = nil
	return out
}

// measured returns the sample of what a script has measured.
func (r *recorder) measured(m scenario.Measure) sample {
	s := r.measure(m.Kind, m.Name, m.Failed)
	bits := math.Float64bits(m.Value)
	s.in, s.out = uint32(bits>>32), uint32(bits) //nolint:gosec // the two halves
	return s
}

// measure returns a sample without a value yet.
func (r *recorder) measure(kind load.MeasureKind, name string, failed bool) sample {
	number := r.measures.number(load.MeasureName{Kind: kind, Name: name}, load.MeasureName{Kind: kind, Name: seriesOther})
	s := sample{kind: kindMeasure, task: number}
	if failed {
		s.flags = flagFailed
	}
	return s
}

// value returns what a script has measured.
func (s *sample) value() float64 { return math.Float64frombits(uint64(s.in)<<32 | uint64(s.out)) }

// class returns the number of an error class, 0 for none.
func (r *recorder) class(name string) uint16 {
	if name == "" {
		return 0
	}
	return r.classes.number(name, seriesOther)
}
