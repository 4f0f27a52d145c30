package load

// MaxCycle is the longest cycle of a task sequence: the sum of the weights divided by their greatest common divisor.
const MaxCycle = 1 << 16

// Sequence maps arrival numbers to tasks so that every cycle of Σ weights arrivals holds each task exactly as often as its
// weight says, spread evenly (smooth weighted round robin, as nginx balances upstream servers). It is a pure function of the
// arrival number, so the whole fleet agrees on it. A Sequence is immutable.
type Sequence struct {
	cycle  []uint16
	before []uint32 // how many earlier arrivals of the cycle call the same task
	calls  []uint32 // of each task in a cycle
}

// NewSequence lays out one cycle. It fails with a *FieldError if a weight is below 1 or the cycle is longer than MaxCycle.
func NewSequence(tasks []Task) (Sequence, error) {
	divisor, sum := 0, 0
	for _, t := range tasks {
		if t.Weight < 1 || t.Weight > MaxCycle {
			return Sequence{}, fieldErrorf("weight", "%d of task %q must be at least 1 and at most %d", t.Weight, t.Name, MaxCycle)
		}
		divisor = gcd(divisor, t.Weight)
		sum += t.Weight
	}
	if sum == 0 {
		return Sequence{}, fieldErrorf("task", "a scenario needs at least one task")
	}
	sum /= divisor
	if sum > MaxCycle || len(tasks) > MaxCycle {
		return Sequence{}, fieldErrorf("weight", "the weights add up to %d in lowest terms, at most %d is possible", sum, MaxCycle)
	}
	s := Sequence{cycle: make([]uint16, sum), before: make([]uint32, sum), calls: make([]uint32, len(tasks))}
	credit := make([]int, len(tasks))
	for k := range s.cycle {
		best := 0
		for i, t := range tasks {
			credit[i] += t.Weight / divisor
			if credit[i] > credit[best] {
				best = i
			}
		}
		credit[best] -= sum
		s.cycle[k] = uint16(best) // fits: at most MaxCycle tasks
		s.before[k] = s.calls[best]
		s.calls[best]++
	}
	return s, nil
}

// Task returns the index of the task that arrival k calls.
func (s Sequence) Task(k int64) int { return int(s.cycle[k%int64(len(s.cycle))]) }

// Ordinal returns how many arrivals before k call the same task: the number of arrival k among those of its task, from 0.
func (s Sequence) Ordinal(k int64) int64 {
	n := int64(len(s.cycle))
	return k/n*int64(s.calls[s.Task(k)]) + int64(s.before[k%n])
}

// Cycle returns after how many arrivals the sequence repeats.
func (s Sequence) Cycle() int { return len(s.cycle) }
